/** Every way a request can fail, by code. The one place where they become TRPCError is `trpc.ts`. */

/** Codes that a client can act on. They travel as `error.data.code` and never carry details of others. */
export type ServerErrorCode =
  | 'site_unknown' // no site with this key
  | 'origin_refused' // the page's origin is not on the site's list
  | 'input_invalid' // a schema refused the input
  | 'unauthenticated' // no session, or one that has ended
  | 'forbidden' // signed in, but without the right to this
  | 'not_found' // nothing there, or nothing that the caller may know of
  | 'handle_invalid' // not 3 to 30 of a-z 0-9 _
  | 'handle_reserved'
  | 'handle_taken' // taken, or freed and still resting
  | 'challenge_invalid' // unknown, expired, already used, or of another site or origin
  | 'signature_invalid' // a challenge, certificate or key package with a wrong signature
  | 'device_revoked'
  | 'device_exists'
  | 'devices_full' // the account has as many devices as it may
  | 'key_package_invalid' // malformed, wrong suite, expired, or of another account or device
  | 'key_packages_full' // more than the device may store
  | 'reach_refused' // one of the two sites does not reach beyond itself
  | 'epoch_conflict' // a commit for an epoch that is no longer the current one
  | 'epoch_stale' // a message encrypted in an epoch too old or not yet there
  | 'out_of_turn' // a message whose predecessor is not in the log
  | 'conversation_exists' // the conversation id is taken by somebody else's
  | 'envelope_conflict' // the same envelope id with other bytes
  | 'too_many' // a rate limit; `retryAfterSeconds` is set
  | 'calls_unavailable' // no Janus reachable
  | 'call_ended' // the call is over or was never there
  | 'call_busy' // the caller is in another call
  | 'sdp_invalid' // malformed, too large, or without end-to-end encryption
  | 'unavailable' // stopping, or the database does not answer; try again
  | 'internal';

/** A failure with a code that is part of the wire contract. The message is for operators' eyes and logs:
 * it names identifiers at most, never keys, tokens or content. */
export class ServerError extends Error {
  readonly code: ServerErrorCode;
  /** Seconds to wait before another try; only with `too_many` and `unavailable`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ServerErrorCode,
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ServerError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
