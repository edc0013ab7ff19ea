/** Calls: rings, lets devices into rooms, carries their SDP, and ends what nobody holds any more. In memory. */
import type { z } from 'zod';
import { ServerError } from '../errors.js';
import type { AccountId, CallId, DeviceId } from '../ids.js';
import { limits } from '../limits.js';
import type { Logger } from '../logging.js';
import { MediaError, type IceCandidate, type Media, type Participant } from '../media/contract.js';
import type { RoomEvent } from '../media/contract.js';
import type { Bus } from '../realtime/contract.js';
import { CallMedia } from './call-media.js';
import {
  beginCall,
  ringingEvent,
  step,
  type CallEffect,
  type CallInput,
  type CallState,
  type CallTimes,
  type Party,
} from './call-state.js';
import type { CallEvent, callTicketOutput, startInput } from './contract.js';
import { iceServers, type IceConfig } from './ice-servers.js';
import { isIn, isRungBy, accountsOf, LiveCalls, type LiveCall } from './live-calls.js';
import type { CallDirectory } from './ports.js';
import { watchPresence } from './presence.js';
import { createTeller, type Teller } from './teller.js';

/** Rings at one account at a time; whoever comes then hears that it is busy. */
const ringsAtATimeMax = 16;

const usualTimes: CallTimes = {
  ringMs: limits.ringSeconds * 1000,
  ringGraceMs: limits.callerGoneSeconds * 1000,
  graceMs: 30_000,
  silenceMs: 20_000,
};

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
  readonly #times: CallTimes;
  readonly #tell: Teller;
  readonly #calls: LiveCalls;
  readonly #freeing = new Set<Promise<void>>();
  readonly #over = new AbortController();

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#tell = createTeller(options);
    this.#calls = new LiveCalls((count) => options.onCount?.(count));
    this.#times = { ...usualTimes, ...options.times };
    const apply = this.#apply.bind(this);
    watchPresence({ ...options, calls: this.#calls, apply }, this.#over.signal);
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
      await this.#open(beginCall(plan, { now: Date.now(), ...this.#times }));
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
      this.#apply(call, { type: 'answer', party: by });
      this.#options.onAnswered?.(call.state.caller.accountId);
    }
    try {
      return await this.publish(by, callId, sdp);
    } catch (error) {
      // The caller need not wait for one who never comes.
      this.#apply(call, { type: 'media_gone' });
      throw error;
    }
  }

  decline(by: Party, callId: CallId): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) this.#apply(call, { type: 'decline', accountId: by.accountId });
  }

  hangUp(by: Party, callId: CallId): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) this.#apply(call, { type: 'hang_up', deviceId: by.deviceId });
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
    for (const call of this.#calls.all()) this.#apply(call, { type: 'media_gone' });
    await Promise.all(this.#freeing);
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
      this.#apply(former, { type: 'hang_up', deviceId: by.deviceId });
    }
  }

  /** Opens the room, lets the caller in, then rings. */
  async #open(state: CallState): Promise<void> {
    const { media, logger } = this.#options;
    const { callId } = state;
    const onEvent = (deviceId: DeviceId, event: RoomEvent) => {
      this.#onRoom(call, deviceId, event);
    };
    const call: LiveCall = {
      state,
      announced: false,
      media: new CallMedia({ media, callId, logger, onEvent }),
    };
    this.#calls.add(call);
    call.media.join(state.caller.deviceId);
    await this.#settled(call, state.caller.deviceId);
    // Hung up before it could ring.
    if (isEnded(call)) return;
    call.announced = true;
    logger.info({ call: callId, conversation: state.conversationId }, 'a call rings');
    const event = ringingEvent(state, this.#iceServers());
    for (const { accountId } of state.callees) await this.#tell({ accountId }, event);
  }

  /** Waits until the device is in the room. @throws ServerError `calls_unavailable`, and the call has ended. */
  async #settled(call: LiveCall, deviceId: DeviceId): Promise<void> {
    try {
      await call.media.participant(deviceId);
    } catch (error) {
      this.#apply(call, { type: 'media_gone' });
      throw new ServerError('calls_unavailable', 'no Janus takes the call', { cause: error });
    }
  }

  #onRoom(call: LiveCall, deviceId: DeviceId, event: RoomEvent): void {
    const { callId } = call.state;
    switch (event.event) {
      case 'lost':
        this.#apply(call, { type: 'media_lost' });
        return;
      case 'flow':
        this.#apply(call, { type: 'flow', deviceId, flowing: event.flowing });
        return;
      case 'offer':
        void this.#tell({ deviceId }, { callId, ...event });
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

  #apply(call: LiveCall, input: CallInput): void {
    const next = step(call.state, input, { now: Date.now(), ...this.#times });
    call.state = next.state;
    for (const effect of next.effects) this.#perform(call, effect);
  }

  #perform(call: LiveCall, effect: CallEffect): void {
    switch (effect.type) {
      case 'tell':
        // Nobody was rung yet: there is nothing to take back.
        if (call.announced || 'deviceId' in effect.to) void this.#tell(effect.to, effect.event);
        return;
      case 'join':
        call.media.join(effect.deviceId);
        return;
      case 'leave':
        call.media.leave(effect.deviceId);
        return;
      case 'move':
        void this.#move(call);
        return;
      case 'close':
        this.#forget(call);
    }
  }

  async #move(call: LiveCall): Promise<void> {
    this.#options.logger.warn({ call: call.state.callId }, 'a call lost its room');
    const moved = await call.media.move().catch(() => false);
    this.#apply(call, { type: moved ? 'media_moved' : 'media_gone' });
  }

  #forget(call: LiveCall): void {
    this.#calls.remove(call);
    this.#options.logger.info({ call: call.state.callId }, 'a call ended');
    const freed = call.media.close();
    this.#freeing.add(freed);
    void freed.finally(() => this.#freeing.delete(freed));
  }

  #ticket(callId: CallId): CallTicket {
    return { callId, iceServers: this.#iceServers() };
  }

  #iceServers(): CallTicket['iceServers'] {
    return iceServers(this.#options.ice, Date.now());
  }
}

function isEnded(call: LiveCall): boolean {
  return call.state.phase === 'ended';
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
