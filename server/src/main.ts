/** The process: reads the configuration, serves, stops on a signal.
 *
 * Exit codes: 0 stopped in order, 1 it could not start (one line on standard error says why), 2 it failed
 * while running. */
import { ConfigError, readConfig, type Config } from './config.js';
import { createLogger, type Logger } from './logging.js';
import { createService, DatabaseError, type Service } from './service.js';

try {
  await run(readConfig());
} catch (error) {
  process.stderr.write(`parley: ${explain(error)}\n`);
  process.exit(1);
}

async function run(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  const fail = (error: unknown): void => {
    logger.fatal({ err: error }, 'failed');
    process.exit(2);
  };
  const asked = untilAskedToStop(logger);
  let service: Service | undefined;
  try {
    service = await createService(config, { logger });
    await service.start();
  } catch (error) {
    await service?.close();
    throw error;
  }
  const running = service;
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  asked.then(() => running.close()).then(() => process.exit(0), fail);
}

/** Resolves with the first signal; listens from the very start, so that none finds nobody at home.
 * Once each: a second Ctrl-C ends the process at once, as everybody expects. */
function untilAskedToStop(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        logger.info({ signal }, 'stopping');
        resolve();
      });
    }
  });
}

/** One line for whoever started it. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DatabaseError) return error.message;
  if (!(error instanceof Error)) return 'it could not start';
  const { code, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  switch (code) {
    case 'EADDRINUSE':
      return `port ${String(port)} is in use; stop what uses it or set PARLEY_PORT to another`;
    case 'EACCES':
      return `port ${String(port)} may not be opened by this user; set PARLEY_PORT to one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `this machine has no address ${address ?? ''}; check PARLEY_HOST`;
    default:
      return `it could not start: ${error.message}`;
  }
}
