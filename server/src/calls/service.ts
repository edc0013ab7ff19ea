/** Calls, as devices ask for them: who may start, answer, publish and hang up. What comes of it is in
 * `running-calls.ts`; all of it is in memory. */
import type { z } from 'zod';
import { ServerError } from '../errors.js';
import type { AccountId, CallId } from '../ids.js';
import type { Logger } from '../logging.js';
import { MediaError, type IceCandidate, type Media, type Participant } from '../media/contract.js';
import type { Bus } from '../realtime/contract.js';
import { ringingEvent, type CallTimes, type Party } from './call-state.js';
import type { CallEvent, callTicketOutput, startInput } from './contract.js';
import { iceServers, type IceConfig } from './ice-servers.js';
import { isIn, isRungBy, accountsOf, LiveCalls, type LiveCall } from './live-calls.js';
import type { CallDirectory } from './ports.js';
import { watchPresence } from './presence.js';
import { RunningCalls } from './running-calls.js';
import { createTeller, type Teller } from './teller.js';

/** Rings at one account at a time; whoever comes then hears that it is busy. */
const ringsAtATimeMax = 16;

export type CallTicket = z.infer<typeof callTicketOutput>;

export interface CallsOptions {
  media: Media;
  bus: Bus;
  directory: CallDirectory;
  ice: IceConfig;
  logger: Logger;
  /** Told how many calls ring or run, whenever that changes. */
  onCount?: (calls: number) => void;
  /** Told whose call was answered. */
  onAnswered?: (caller: AccountId) => void;
  times?: Partial<CallTimes>;
  tickMs?: number;
}

export type CallStart = z.infer<typeof startInput>;

/** A candidate of one of a device's two connections; `null`: no more of them. */
export interface Trickled {
  direction: 'publish' | 'subscribe';
  candidate: IceCandidate | null;
}

/** Every method is asked on behalf of a signed-in device. */
export interface CallsService {
  /** Whether calls can be made at this moment. */
  readonly available: boolean;
  /** @throws ServerError `calls_unavailable`, `call_busy`, `not_found` (not a member), `forbidden` (id taken) */
  start(by: Party, call: CallStart): Promise<CallTicket>;
  /** Takes the call with this device's offer, and answers that.
   * @throws ServerError `call_ended` (also: answered elsewhere, or never rung), `call_busy`, `calls_unavailable`,
   * `sdp_invalid` */
  answer(by: Party, callId: CallId, sdp: string): Promise<string>;
  decline(by: Party, callId: CallId): void;
  hangUp(by: Party, callId: CallId): void;
  /** @throws ServerError `call_ended`, `forbidden` (this device is not in the call), `sdp_invalid`, `calls_unavailable` */
  publish(by: Party, callId: CallId, sdp: string): Promise<string>;
  answerMedia(by: Party, callId: CallId, sdp: string): Promise<void>;
  candidate(by: Party, callId: CallId, trickled: Trickled): Promise<void>;
  /** What rings at an account now: for a device that connects while it does. */
  ringing(accountId: AccountId): CallEvent[];
  /** Ends every call. */
  close(): Promise<void>;
}

export function createCallsService(options: CallsOptions): CallsService {
  return new Calls(options);
}

class Calls implements CallsService {
  readonly #options: CallsOptions;
  readonly #tell: Teller;
  readonly #calls: LiveCalls;
  readonly #running: RunningCalls;
  readonly #over = new AbortController();

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#tell = createTeller(options);
    this.#calls = new LiveCalls((count) => options.onCount?.(count));
    const [calls, tell] = [this.#calls, this.#tell];
    const running = new RunningCalls({
      ...options,
      calls,
      tell,
      iceServers: () => this.#iceServers(),
    });
    this.#running = running;
    const apply = running.apply.bind(running);
    watchPresence({ ...options, calls, apply }, this.#over.signal);
  }

  get available(): boolean {
    return this.#options.media.available;
  }

  async start(by: Party, { callId, conversationId, video }: CallStart): Promise<CallTicket> {
    const { directory, media } = this.#options;
    const members = await directory.membersOf(conversationId);
    if (!members.some(({ accountId }) => accountId === by.accountId)) {
      throw new ServerError('not_found', 'not a member of such a conversation');
    }
    const known = this.#calls.get(callId);
    if (known !== undefined) return this.#repeatedStart(known, by);
    if (!media.available) throw new ServerError('calls_unavailable', 'no Janus answers');
    this.#endFormer(by);
    // Both call each other at once: the second is told, and takes the first one's call.
    const isRung = this.#calls
      .ringingAt(by.accountId)
      .some(({ state }) => state.conversationId === conversationId);
    if (isRung || this.#calls.of(by.accountId) !== undefined)
      throw new ServerError('call_busy', 'the caller is in another call');
    const callees = members
      .map(({ accountId }) => accountId)
      .filter((accountId) => accountId !== by.accountId);
    const free = callees.filter((accountId) => this.#canRing(accountId));
    if (callees.length > 0 && free.length === 0) this.#sayBusy(by, callId);
    else {
      const plan = { callId, conversationId, video, caller: by, callees: free };
      await this.#running.open(plan);
    }
    return this.#ticket(callId);
  }

  async answer(by: Party, callId: CallId, sdp: string): Promise<string> {
    const call = this.#calls.get(callId);
    const ended = new ServerError('call_ended', 'nothing rings here');
    if (call === undefined || !call.announced) throw ended;
    // The same request again, after its answer was lost on the way.
    const isRepeated = isIn(call.state, by.deviceId) && call.state.caller.deviceId !== by.deviceId;
    if (!isRepeated) {
      if (!isRungBy(call.state, by.accountId)) throw ended;
      this.#endFormer(by);
      if (this.#calls.of(by.accountId) !== undefined)
        throw new ServerError('call_busy', 'the account is in another call');
      this.#calls.enter(by.accountId, call);
      this.#running.apply(call, { type: 'answer', party: by });
      this.#options.onAnswered?.(call.state.caller.accountId);
    }
    try {
      return await this.publish(by, callId, sdp);
    } catch (error) {
      // The caller need not wait for one who never comes.
      this.#running.apply(call, { type: 'media_gone' });
      throw error;
    }
  }

  decline(by: Party, callId: CallId): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) this.#running.apply(call, { type: 'decline', accountId: by.accountId });
  }

  hangUp(by: Party, callId: CallId): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) this.#running.apply(call, { type: 'hang_up', deviceId: by.deviceId });
  }

  async publish(by: Party, callId: CallId, sdp: string): Promise<string> {
    const participant = await this.#participant(by, callId);
    return rethrown(participant.publish(sdp));
  }

  async answerMedia(by: Party, callId: CallId, sdp: string): Promise<void> {
    const participant = await this.#participant(by, callId);
    await rethrown(participant.answer(sdp));
  }

  async candidate(by: Party, callId: CallId, trickled: Trickled): Promise<void> {
    const participant = await this.#participant(by, callId);
    await rethrown(participant.candidate(trickled.direction, trickled.candidate));
  }

  ringing(accountId: AccountId): CallEvent[] {
    return this.#calls
      .ringingAt(accountId)
      .filter(({ announced, state }) => announced && state.phase === 'ringing')
      .map(({ state }) => ringingEvent(state, this.#iceServers()));
  }

  async close(): Promise<void> {
    this.#over.abort();
    for (const call of this.#calls.all()) this.#running.apply(call, { type: 'media_gone' });
    await this.#running.freed();
  }

  #canRing(accountId: AccountId): boolean {
    return (
      this.#calls.of(accountId) === undefined &&
      this.#calls.ringingAt(accountId).length < ringsAtATimeMax
    );
  }

  #sayBusy({ deviceId }: Party, callId: CallId): void {
    // An answer first, then the event: the caller knows the call by then.
    setImmediate(() => void this.#tell({ deviceId }, { event: 'ended', callId, reason: 'busy' }));
  }

  /** The same request again, after its answer was lost on the way. */
  #repeatedStart({ state }: LiveCall, by: Party): CallTicket {
    if (state.caller.deviceId !== by.deviceId)
      throw new ServerError('forbidden', 'the call id is taken');
    return this.#ticket(state.callId);
  }

  /** A device that starts anew has lost its former call (a reload): that one is over. */
  #endFormer(by: Party): void {
    const former = this.#calls.of(by.accountId);
    if (former !== undefined && isIn(former.state, by.deviceId)) {
      this.#running.apply(former, { type: 'hang_up', deviceId: by.deviceId });
    }
  }

  async #participant(by: Party, callId: CallId): Promise<Participant> {
    const call = this.#calls.get(callId);
    // Whoever the call is not about learns nothing of it.
    if (call === undefined || !accountsOf(call.state).includes(by.accountId)) {
      throw new ServerError('call_ended', 'there is no such call');
    }
    const participant = call.media.participant(by.deviceId);
    if (participant === undefined || !isIn(call.state, by.deviceId)) {
      throw new ServerError('forbidden', 'this device is not in the call');
    }
    return rethrown(participant);
  }

  #ticket(callId: CallId): CallTicket {
    return { callId, iceServers: this.#iceServers() };
  }

  #iceServers(): CallTicket['iceServers'] {
    return iceServers(this.#options.ice, Date.now());
  }
}

/** Media errors in the server's own words. */
async function rethrown<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    const code = error.code === 'sdp_invalid' ? 'sdp_invalid' : 'calls_unavailable';
    throw new ServerError(code, error.message, { cause: error });
  }
}
