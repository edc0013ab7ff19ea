/** From whatever went wrong to a code that an element can say. */
import { ContentError } from '../content/index.js';
import { MlsError } from '../mls/index.js';
import { ProblemError, type Problem, type ProblemCode } from '../snapshot.js';
import { StoreError } from '../store/contract.js';
import { TransportError, type TransportErrorCode } from '../transport/errors.js';

const ofTransport: Partial<Record<TransportErrorCode, ProblemCode>> = {
  offline: 'offline',
  timeout: 'offline',
  answer_malformed: 'answer_malformed',
  site_unknown: 'site_unknown',
  origin_refused: 'origin_refused',
  handle_invalid: 'handle_invalid',
  handle_reserved: 'handle_reserved',
  handle_taken: 'handle_taken',
  device_revoked: 'device_revoked',
  reach_refused: 'reach_refused',
  too_many: 'too_many',
  calls_unavailable: 'calls_unavailable',
  call_busy: 'call_busy',
  call_ended: 'call_failed',
  sdp_invalid: 'call_failed',
};

const ofStore: Record<StoreError['code'], ProblemCode> = {
  full: 'storage_full',
  gone: 'storage_unavailable',
  unavailable: 'storage_unavailable',
  blocked: 'storage_blocked',
  outdated: 'storage_outdated',
  malformed: 'storage_unavailable',
};

const ofMls: Partial<Record<MlsError['code'], ProblemCode>> = {
  credential_refused: 'member_refused',
  epoch_unknown: 'server_back',
};

/** What only a server that lies brings about, or one that has lost something. */
const untrue: readonly ProblemCode[] = [
  'answer_malformed',
  'server_back',
  'member_refused',
  'key_unverifiable',
];

/** Whether the person is to be told although nobody waits for what failed. */
export const isUntrue = ({ code }: Problem): boolean => untrue.includes(code);

export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof StoreError) return { code: ofStore[error.code] };
  if (error instanceof MlsError) return { code: ofMls[error.code] ?? 'key_unverifiable' };
  if (error instanceof ContentError)
    return { code: error.code === 'too_long' ? 'message_too_long' : 'internal' };
  if (!(error instanceof TransportError)) return { code: 'internal' };
  const { retryAfterSeconds } = error;
  const code = ofTransport[error.code] ?? 'server_error';
  return retryAfterSeconds === undefined ? { code } : { code, retryAfterSeconds };
}

export function problemError(error: unknown): ProblemError {
  return error instanceof ProblemError
    ? error
    : new ProblemError(problemOf(error), { cause: error });
}
