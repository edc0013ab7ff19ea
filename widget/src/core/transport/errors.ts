/** Why a request to the server did not work, as a code; never with anything of its content. */

/** The server's own codes (its `errors.ts`), and those of the way there. */
const serverCodes = [
  'site_unknown',
  'origin_refused',
  'input_invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'handle_invalid',
  'handle_reserved',
  'handle_taken',
  'challenge_invalid',
  'signature_invalid',
  'device_revoked',
  'device_exists',
  'devices_full',
  'key_package_invalid',
  'key_packages_full',
  'reach_refused',
  'epoch_conflict',
  'epoch_stale',
  'out_of_turn',
  'conversation_exists',
  'envelope_conflict',
  'too_many',
  'calls_unavailable',
  'call_ended',
  'call_busy',
  'sdp_invalid',
  'unavailable',
  'internal',
] as const;

export type TransportErrorCode =
  | (typeof serverCodes)[number]
  | 'offline' // no connection, or it was lost before the answer came
  | 'timeout' // connected, but no answer
  | 'answer_malformed'; // an answer that breaks the contract: too large, of another shape, unasked

export class TransportError extends Error {
  readonly code: TransportErrorCode;
  /** Seconds until another try makes sense, when the server said so; at most an hour is believed. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: TransportErrorCode,
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(code, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'TransportError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Whether the same request may work later without anything else having changed. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof TransportError)) return false;
  return ['offline', 'timeout', 'unavailable', 'too_many', 'internal'].includes(error.code);
}

/** Whether the server itself put it off: the connection goes on. */
export function isPutOff(error: unknown): error is TransportError {
  return isTransient(error) && !['offline', 'timeout'].includes((error as TransportError).code);
}

/** A server that says when to ask again may know better, but what waits is to go on soon after it can. */
const putOffMaxMs = 60_000;

/** How long the server wants to be left alone, in milliseconds: 0 where it did not say, and never more than a minute. */
export function putOffMs(error: unknown): number {
  const seconds = error instanceof TransportError ? (error.retryAfterSeconds ?? 0) : 0;
  return Math.min(seconds * 1_000, putOffMaxMs);
}

/** Reads the `data` of a tRPC error, which is the server's word and may be anything. */
export function errorFromWire(data: unknown): TransportError {
  if (typeof data !== 'object' || data === null) return new TransportError('internal');
  const { code, retryAfterSeconds } = data as { code?: unknown; retryAfterSeconds?: unknown };
  const known = serverCodes.find((candidate) => candidate === code) ?? 'internal';
  return typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0
    ? new TransportError(known, { retryAfterSeconds: Math.min(retryAfterSeconds, 3600) })
    : new TransportError(known);
}
