/** What is wrong with a database that refuses: told from what is wrong with a value or with our own code. */
import { ConnectionError } from 'sequelize';
import { ServerError } from '../errors.js';

/** A state of the database itself, which passes when its cause does. */
export type DatabaseFault =
  | 'disk_full' // no room for the file, its WAL, or PostgreSQL's folder
  | 'locked' // another process holds the lock for longer than we wait
  | 'unreachable' // PostgreSQL is down, starting, stopping, or out of connections
  | 'failing'; // the disk or the file itself: input and output errors, read-only, damaged

/** PostgreSQL's SQLSTATE classes and SQLite's result codes. */
const codes: readonly (readonly [RegExp, DatabaseFault])[] = [
  [/^(SQLITE_FULL|53100|ENOSPC)$/, 'disk_full'],
  [/^(SQLITE_(BUSY|LOCKED)|55P03)$/, 'locked'],
  [/^SQLITE_(IOERR|READONLY|CORRUPT|NOTADB|CANTOPEN|NOMEM|PROTOCOL)/, 'failing'],
  [/^(08|53|57P)[0-9A-Z]+$/, 'unreachable'],
  [/^(58|XX)[0-9A-Z]{3}$/, 'failing'],
  [/^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)$/, 'unreachable'],
];
/** What `pg` says without a code when the socket dies under a statement, or has died since. */
const lostConnection =
  /^(Connection terminated|Client has encountered a connection error|Client was closed)/;

/** The fault behind an error, however deep; `null` for faults of data and of ours. */
export function faultOf(error: unknown): DatabaseFault | null {
  for (const cause of causesOf(error)) {
    const code = codeOf(cause);
    const known = codes.find(([pattern]) => pattern.test(code));
    if (known !== undefined) return known[1];
    if (cause instanceof ConnectionError || lostConnection.test(cause.message))
      return 'unreachable';
  }
  return null;
}

/** An error and what caused it, outermost first. Sequelize keeps the driver's error as `parent`. */
export function* causesOf(error: unknown): Generator<Error> {
  let cause = error;
  // A bound, for a chain that ends in itself.
  for (let depth = 0; cause instanceof Error && depth < 16; depth += 1) {
    yield cause;
    cause = cause.cause ?? ('parent' in cause ? cause.parent : undefined);
  }
}

/** The driver's code of an error, or nothing. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What a client hears of an error: that the database is not well and to come again; anything else stays as it is. */
export function asRefusal(error: unknown): unknown {
  return error instanceof ServerError || faultOf(error) === null ? error : broken(error);
}

/** The failure of the database itself, which is nobody's fault who asked. */
export function broken(cause: unknown): ServerError {
  return new ServerError('unavailable', 'the database does not take or give this', {
    cause,
    retryAfterSeconds: 2,
  });
}
