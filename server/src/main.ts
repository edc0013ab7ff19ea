/** The process: reads the configuration, serves, stops on a signal.
 *
 * Exit codes: 0 stopped in order, 1 it could not start (one line on standard error says why), 2 it failed
 * while running. */
import { ConfigError, readConfig, type Config } from './config.js';
import { createLogger } from './logging.js';
import { createService, DatabaseError, type Service } from './service.js';

try {
  await run(readConfig());
} catch (error) {
  process.stderr.write(`parley: ${explain(error)}\n`);
  process.exit(1);
}

async function run(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  let service: Service | undefined;
  try {
    service = await createService(config, { logger });
    await service.start();
  } catch (error) {
    await service?.close();
    throw error;
  }
  const running = service;
  const stop = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, 'stopping');
    running.close().then(
      () => process.exit(0),
      () => process.exit(2),
    );
  };
  // Once each: a second Ctrl-C ends the process at once, as everybody expects.
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const fail = (error: unknown): void => {
    logger.fatal({ err: error }, 'failed');
    process.exit(2);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
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
