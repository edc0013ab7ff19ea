/** The server's one logger.
 *
 * Levels: `fatal` the process ends; `error` a request failed for a reason of ours; `warn` something outside
 * misbehaves and we go on (Janus away, a slow consumer cut off); `info` life of the process and of its parts;
 * `debug` one line a request or connection.
 *
 * Lines hold identifiers only (site key, account, device, conversation, call, connection), codes, sizes and
 * times. Handles, addresses, keys, tokens, ciphertext and content never: what is not passed cannot leak, and
 * the redaction below is the second line of defence. */
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];
export type { Logger };

const secretNames = [
  'token', 'session', 'authorization', 'signature', 'challenge', 'certificate', 'accountKey', 'signatureKey',
  'keyPackage', 'ciphertext', 'welcome', 'groupInfo', 'commit', 'sdp', 'secret', 'apiSecret', 'credential',
  'password', 'input', 'url', 'headers', 'sql', 'parameters', 'bind',
]; // prettier-ignore

/** Makes the logger. Lines are JSON on standard output, or in `destination`. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths, censor: '[redacted]' },
    serializers: { err: describeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** What may be said of an error: class, code, stack. Drivers put statements and values into their own
 * properties, and the database's messages quote values, so those are left out. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const quotes = error.name.startsWith('Sequelize') || error.name === 'ZodError';
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    ...(quotes ? {} : { message: error.message }),
    stack: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12)
      .join('\n'),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
