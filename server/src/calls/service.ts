/** Calls: rings, lets devices into rooms, carries their SDP, and ends what nobody holds any more. In memory. */
import type { z } from 'zod';
import { ServerError } from '../errors.js';
import type { AccountId, CallId, ConversationId, DeviceId } from '../ids.js';
import { limits } from '../limits.js';
import type { Logger } from '../logging.js';
import {
  MediaError,
  type IceCandidate,
  type Media,
  type Room,
  type RoomEvent,
} from '../media/contract.js';
import type { Participant as MediaParticipant } from '../media/contract.js';
import type { Bus } from '../realtime/contract.js';
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
import type { CallEvent, callTicketOutput } from './contract.js';
import { iceServers, type IceConfig } from './ice-servers.js';
import type { CallDirectory } from './ports.js';
import { createTeller, type Teller } from './teller.js';

/** Rings at one account at a time; whoever comes then hears that it is busy. */
const ringsAtATimeMax = 16;

/** How often it is asked which devices in calls are connected. */
const presenceMs = 2_000;

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
  start(
    by: Party,
    call: { callId: CallId; conversationId: ConversationId; video: boolean },
  ): Promise<CallTicket>;
  /** @throws ServerError `call_ended` (also: answered elsewhere, or never rung), `call_busy`, `calls_unavailable` */
  answer(by: Party, callId: CallId): Promise<CallTicket>;
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

interface LiveCall {
  state: CallState;
  /** Rings only once the room is there and the caller is in it. */
  announced: boolean;
  room: Promise<Room>;
  media: Map<DeviceId, Promise<MediaParticipant>>;
}

class Calls implements CallsService {
  readonly #options: CallsOptions;
  readonly #times: CallTimes;
  readonly #tell: Teller;
  readonly #calls = new Map<CallId, LiveCall>();
  /** An account is in one call at most. What merely rings at it is not counted: a stranger who rings and rings, with
   * no invitation that a client would show, must not keep it from calling and from being called. */
  readonly #byAccount = new Map<AccountId, CallId>();
  readonly #closing = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #looking = false;
  #lookedAt = 0;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#tell = createTeller(options);
    this.#times = { ringMs: limits.ringSeconds * 1000, graceMs: 30_000, ...options.times };
    this.#timer = setInterval(() => void this.#tick(), options.tickMs ?? 1_000);
    this.#timer.unref();
  }

  get available(): boolean {
    return this.#options.media.available;
  }

  async start(
    by: Party,
    {
      callId,
      conversationId,
      video,
    }: { callId: CallId; conversationId: ConversationId; video: boolean },
  ): Promise<CallTicket> {
    const { directory, media } = this.#options;
    const members = await directory.membersOf(conversationId);
    if (!members.some(({ accountId }) => accountId === by.accountId)) {
      throw new ServerError('not_found', 'not a member of such a conversation');
    }
    const known = this.#calls.get(callId);
    if (known !== undefined) return this.#repeatedStart(known, by, callId);
    if (!media.available) throw new ServerError('calls_unavailable', 'no Janus answers');
    this.#endFormer(by);
    // Both call each other at once: the second is told, and takes the first one's call.
    const isRung = this.#ringsAt(by.accountId).some(
      ({ state }) => state.conversationId === conversationId,
    );
    if (isRung || this.#byAccount.has(by.accountId))
      throw new ServerError('call_busy', 'the caller is in another call');
    const callees = members
      .map(({ accountId }) => accountId)
      .filter((accountId) => accountId !== by.accountId);
    const free = callees.filter(
      (accountId) =>
        !this.#byAccount.has(accountId) && this.#ringsAt(accountId).length < ringsAtATimeMax,
    );
    if (callees.length > 0 && free.length === 0) {
      // An answer first, then the event: the caller knows the call by then.
      setImmediate(
        () =>
          void this.#tell({ deviceId: by.deviceId }, { event: 'ended', callId, reason: 'busy' }),
      );
      return this.#ticket(callId);
    }
    const plan = { callId, conversationId, video, caller: by, callees: free };
    await this.#open(beginCall(plan, { now: Date.now(), ...this.#times }));
    return this.#ticket(callId);
  }

  async answer(by: Party, callId: CallId): Promise<CallTicket> {
    const call = this.#calls.get(callId);
    const ended = new ServerError('call_ended', 'nothing rings here');
    if (call === undefined || !call.announced) throw ended;
    if (isIn(call.state, by.deviceId) && call.state.caller.deviceId !== by.deviceId)
      return this.#ticket(callId);
    if (
      !call.state.callees.some((one) => one.accountId === by.accountId && one.state === 'ringing')
    )
      throw ended;
    this.#endFormer(by);
    if (this.#byAccount.has(by.accountId))
      throw new ServerError('call_busy', 'the account is in another call');
    this.#byAccount.set(by.accountId, callId);
    this.#apply(call, { type: 'answer', party: by });
    this.#options.onAnswered?.(call.state.caller.accountId);
    await this.#settled(call, by.deviceId);
    return this.#ticket(callId);
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
    return this.#ringsAt(accountId)
      .filter(({ announced, state }) => announced && state.phase === 'ringing')
      .map(({ state }) => ringingEvent(state));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const call of this.#calls.values()) this.#apply(call, { type: 'media_lost' });
    await Promise.all(this.#closing);
  }

  #ringsAt(accountId: AccountId): LiveCall[] {
    const rings = ({ state }: LiveCall): boolean =>
      state.phase !== 'ended' &&
      state.callees.some((one) => one.accountId === accountId && one.state === 'ringing');
    return [...this.#calls.values()].filter(rings);
  }

  /** The same request again, after its answer was lost on the way. */
  #repeatedStart(call: LiveCall, by: Party, callId: CallId): CallTicket {
    if (call.state.caller.deviceId !== by.deviceId)
      throw new ServerError('forbidden', 'the call id is taken');
    return this.#ticket(callId);
  }

  /** A device that starts anew has lost its former call (a reload): that one is over. */
  #endFormer(by: Party): void {
    const callId = this.#byAccount.get(by.accountId);
    const former = callId === undefined ? undefined : this.#calls.get(callId);
    if (former !== undefined && isIn(former.state, by.deviceId)) {
      this.#apply(former, { type: 'hang_up', deviceId: by.deviceId });
    }
  }

  /** Opens the room, lets the caller in, then rings. */
  async #open(state: CallState): Promise<void> {
    const { media, logger } = this.#options;
    const room = media.openRoom(state.callId);
    const call: LiveCall = { state, announced: false, room, media: new Map() };
    this.#calls.set(state.callId, call);
    this.#byAccount.set(state.caller.accountId, state.callId);
    this.#count();
    this.#join(call, state.caller.deviceId);
    await this.#settled(call, state.caller.deviceId);
    // Hung up before it could ring.
    if (isEnded(call)) return;
    call.announced = true;
    logger.info({ call: state.callId, conversation: state.conversationId }, 'a call rings');
    for (const { accountId } of state.callees) await this.#tell({ accountId }, ringingEvent(state));
  }

  #join(call: LiveCall, deviceId: DeviceId): void {
    const participant = call.room.then((room) =>
      room.join(deviceId, (event) => {
        this.#onRoom(call, deviceId, event);
      }),
    );
    participant.catch(() => undefined);
    call.media.set(deviceId, participant);
  }

  /** Waits until the device is in the room. @throws ServerError `calls_unavailable`, and the call has ended. */
  async #settled(call: LiveCall, deviceId: DeviceId): Promise<void> {
    try {
      await call.media.get(deviceId);
    } catch (error) {
      this.#apply(call, { type: 'media_lost' });
      throw new ServerError('calls_unavailable', 'no Janus takes the call', { cause: error });
    }
  }

  #onRoom(call: LiveCall, deviceId: DeviceId, event: RoomEvent): void {
    const { callId } = call.state;
    if (event.event === 'lost') this.#apply(call, { type: 'media_lost' });
    else
      void this.#tell({ deviceId }, { event: 'offer', callId, sdp: event.sdp, feeds: event.feeds });
  }

  async #participant(by: Party, callId: CallId): Promise<MediaParticipant> {
    const call = this.#calls.get(callId);
    // Whoever the call is not about learns nothing of it.
    if (call === undefined || !accountsOf(call.state).includes(by.accountId)) {
      throw new ServerError('call_ended', 'there is no such call');
    }
    const participant = call.media.get(by.deviceId);
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
        this.#join(call, effect.deviceId);
        return;
      case 'leave':
        void call.media.get(effect.deviceId)?.then(
          (participant) => participant.leave(),
          () => undefined,
        );
        call.media.delete(effect.deviceId);
        return;
      case 'close':
        this.#forget(call);
    }
  }

  #forget(call: LiveCall): void {
    const { callId } = call.state;
    this.#calls.delete(callId);
    for (const accountId of accountsOf(call.state)) {
      if (this.#byAccount.get(accountId) === callId) this.#byAccount.delete(accountId);
    }
    this.#count();
    this.#options.logger.info({ call: callId }, 'a call ended');
    const freed = call.room.then(
      (room) => room.destroy(),
      () => undefined,
    );
    this.#closing.add(freed);
    void freed.finally(() => this.#closing.delete(freed));
  }

  async #tick(): Promise<void> {
    for (const call of this.#calls.values()) this.#apply(call, { type: 'tick' });
    // One look at a time, however slow the bus is.
    if (this.#looking || Date.now() - this.#lookedAt < presenceMs) return;
    this.#looking = true;
    try {
      await this.#lookForAbsent();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the bus did not say who is connected');
    } finally {
      this.#looking = false;
      this.#lookedAt = Date.now();
    }
  }

  async #lookForAbsent(): Promise<void> {
    for (const call of [...this.#calls.values()]) {
      for (const { deviceId } of call.state.participants) {
        const present = await this.#options.bus.hasSubscribers(`device:${deviceId}`);
        this.#apply(call, { type: 'presence', deviceId, present });
      }
    }
  }

  #ticket(callId: CallId): CallTicket {
    return { callId, iceServers: iceServers(this.#options.ice, Date.now()) };
  }

  #count(): void {
    this.#options.onCount?.(this.#calls.size);
  }
}

function accountsOf(state: CallState): AccountId[] {
  return [state.caller.accountId, ...state.callees.map(({ accountId }) => accountId)];
}

function isIn(state: CallState, deviceId: DeviceId): boolean {
  return state.participants.some((participant) => participant.deviceId === deviceId);
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
