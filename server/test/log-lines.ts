/** A logger whose lines a test can read. */
import { createLogger, type Logger } from '../src/logging.js';

export interface LogLines {
  readonly logger: Logger;
  /** Every line with this message, oldest first. */
  named(message: string): Record<string, unknown>[];
}

export function readableLog(): LogLines {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger('info', {
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  return { logger, named: (message) => lines.filter(({ msg }) => msg === message) };
}
