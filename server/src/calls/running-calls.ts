/** Calls that ring or run: each is a state that steps, with a room that is opened, moved and freed as it asks. */
import { ServerError } from '../errors.js';
import type { DeviceId } from '../ids.js';
import { limits } from '../limits.js';
import type { Logger } from '../logging.js';
import type { Media, RoomEvent } from '../media/contract.js';
import { CallMedia } from './call-media.js';
import {
  beginCall,
  ringingEvent,
  step,
  type CallEffect,
  type CallInput,
  type CallTimes,
} from './call-state.js';
import type { LiveCall, LiveCalls } from './live-calls.js';
import type { Teller } from './teller.js';

const usualTimes: CallTimes = {
  ringMs: limits.ringSeconds * 1000,
  ringGraceMs: limits.callerGoneSeconds * 1000,
  graceMs: 30_000,
  silenceMs: 20_000,
};

type CallPlan = Parameters<typeof beginCall>[0];

export interface RunningCallsOptions {
  media: Media;
  logger: Logger;
  calls: LiveCalls;
  tell: Teller;
  /** Those of the moment: their credentials are short-lived. */
  iceServers: () => Parameters<typeof ringingEvent>[1];
  times?: Partial<CallTimes>;
}

export class RunningCalls {
  readonly #options: RunningCallsOptions;
  readonly #times: CallTimes;
  readonly #freeing = new Set<Promise<void>>();

  constructor(options: RunningCallsOptions) {
    this.#options = options;
    this.#times = { ...usualTimes, ...options.times };
  }

  /** Opens the room, lets the caller in, then rings.
   * @throws ServerError `calls_unavailable` */
  async open(plan: CallPlan): Promise<void> {
    const { media, logger, tell, calls, iceServers } = this.#options;
    const state = beginCall(plan, { now: Date.now(), ...this.#times });
    const { callId } = state;
    const onEvent = (deviceId: DeviceId, event: RoomEvent) => {
      this.#onRoom(call, deviceId, event);
    };
    const call: LiveCall = {
      state,
      announced: false,
      media: new CallMedia({ media, callId, logger, onEvent }),
    };
    calls.add(call);
    call.media.join(state.caller.deviceId);
    await this.#settled(call, state.caller.deviceId);
    // Hung up before it could ring.
    if (isEnded(call)) return;
    call.announced = true;
    logger.info({ call: callId, conversation: state.conversationId }, 'a call rings');
    const event = ringingEvent(state, iceServers());
    for (const { accountId } of state.callees) await tell({ accountId }, event);
  }

  /** Waits until the device is in the room. @throws ServerError `calls_unavailable`, and the call has ended. */
  async #settled(call: LiveCall, deviceId: DeviceId): Promise<void> {
    try {
      await call.media.participant(deviceId);
    } catch (error) {
      this.apply(call, { type: 'media_gone' });
      throw new ServerError('calls_unavailable', 'no Janus takes the call', { cause: error });
    }
  }

  #onRoom(call: LiveCall, deviceId: DeviceId, event: RoomEvent): void {
    const { callId } = call.state;
    switch (event.event) {
      case 'lost':
        this.apply(call, { type: 'media_lost' });
        return;
      case 'flow':
        this.apply(call, { type: 'flow', deviceId, flowing: event.flowing });
        return;
      case 'offer':
        void this.#options.tell({ deviceId }, { callId, ...event });
    }
  }

  apply(call: LiveCall, input: CallInput): void {
    const next = step(call.state, input, { now: Date.now(), ...this.#times });
    call.state = next.state;
    for (const effect of next.effects) this.#perform(call, effect);
  }

  #perform(call: LiveCall, effect: CallEffect): void {
    switch (effect.type) {
      case 'tell':
        // Nobody was rung yet: there is nothing to take back.
        if (call.announced || 'deviceId' in effect.to)
          void this.#options.tell(effect.to, effect.event);
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
    this.apply(call, { type: moved ? 'media_moved' : 'media_gone' });
  }

  #forget(call: LiveCall): void {
    this.#options.calls.remove(call);
    this.#options.logger.info({ call: call.state.callId }, 'a call ended');
    const freed = call.media.close();
    this.#freeing.add(freed);
    void freed.finally(() => this.#freeing.delete(freed));
  }

  /** Resolves when the rooms of all that has ended are free. */
  async freed(): Promise<void> {
    await Promise.all(this.#freeing);
  }
}

function isEnded(call: LiveCall): boolean {
  return call.state.phase === 'ended';
}
