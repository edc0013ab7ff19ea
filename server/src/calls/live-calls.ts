/** The calls that ring or go on, and who is in which. In memory. */
import type { AccountId, CallId, DeviceId } from '../ids.js';
import type { CallMedia } from './call-media.js';
import type { CallState } from './call-state.js';

export interface LiveCall {
  state: CallState;
  /** Rings only once the room is there and the caller is in it. */
  announced: boolean;
  readonly media: CallMedia;
}

export class LiveCalls {
  readonly #calls = new Map<CallId, LiveCall>();
  /** An account is in one call at most. What merely rings at it is not counted: a stranger who rings and rings, with
   * no invitation that a client would show, must not keep it from calling and from being called. */
  readonly #byAccount = new Map<AccountId, CallId>();
  readonly #onCount: (calls: number) => void;

  constructor(onCount: (calls: number) => void) {
    this.#onCount = onCount;
  }

  get(callId: CallId): LiveCall | undefined {
    return this.#calls.get(callId);
  }

  all(): LiveCall[] {
    return [...this.#calls.values()];
  }

  add(call: LiveCall): void {
    this.#calls.set(call.state.callId, call);
    this.enter(call.state.caller.accountId, call);
    this.#onCount(this.#calls.size);
  }

  /** From now on this account is in that call. */
  enter(accountId: AccountId, call: LiveCall): void {
    this.#byAccount.set(accountId, call.state.callId);
  }

  remove({ state }: LiveCall): void {
    if (!this.#calls.delete(state.callId)) return;
    for (const accountId of accountsOf(state)) {
      if (this.#byAccount.get(accountId) === state.callId) this.#byAccount.delete(accountId);
    }
    this.#onCount(this.#calls.size);
  }

  /** The call that an account is in. */
  of(accountId: AccountId): LiveCall | undefined {
    const callId = this.#byAccount.get(accountId);
    return callId === undefined ? undefined : this.#calls.get(callId);
  }

  ringingAt(accountId: AccountId): LiveCall[] {
    return this.all().filter(({ state }) => state.phase !== 'ended' && isRungBy(state, accountId));
  }
}

export function isRungBy(state: CallState, accountId: AccountId): boolean {
  return state.callees.some((one) => one.accountId === accountId && one.state === 'ringing');
}

/** Everyone whom the call is about. */
export function accountsOf(state: CallState): AccountId[] {
  return [state.caller.accountId, ...state.callees.map(({ accountId }) => accountId)];
}

export function isIn(state: CallState, deviceId: DeviceId): boolean {
  return state.participants.some((participant) => participant.deviceId === deviceId);
}
