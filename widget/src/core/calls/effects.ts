/** Does what the machine asks for. What depends on each other is done in order, and nothing else waits: neither for a
 * person who is asked for the microphone, nor for a server that does not answer. */
import type { CallId } from '../ids.js';
import { createSerial, type Serial } from '../serial.js';
import { HeldKeys } from './held-keys.js';
import type { CallPorts } from './ports.js';
import type { AddressedEffect, CallInput } from './state.js';
import { iceServersOf } from './transitions.js';

/** Offers that wait at a time. */
const offersMax = 8;

/** Everything but timers. */
export type Effect = Exclude<AddressedEffect, { type: 'timer' }>;

type Of<Type extends Effect['type']> = Extract<Effect, { type: Type }>;
type FailurePlace = Extract<CallInput, { type: 'failed' }>['at'];

export interface EffectsOptions {
  ports: CallPorts;
  take: (input: CallInput) => void;
  /** Whether the call that an effect belongs to still goes on. */
  goesOn: (callId: CallId) => boolean;
}

/** What of one call waits for what came before it. */
interface Lanes {
  callId: CallId;
  publish: Serial;
  subscribe: Serial;
  said: Serial;
  /** The offer that waits behind the one on its way: one at most, however often the server says to make one. */
  next: Of<'publish'> | null;
  /** Offers of the server that wait to be answered. */
  offers: number;
  /** The request that lets this device in; leaving comes after it. */
  entering: Promise<void>;
}

export class Effects {
  readonly keys: HeldKeys;
  readonly #options: EffectsOptions;
  #lanes: Lanes | undefined;

  constructor(options: EffectsOptions) {
    this.#options = options;
    this.keys = new HeldKeys(options.ports);
  }

  perform(effect: Effect): void {
    this.#do(effect, this.#lanesOf(effect.callId)).catch((error: unknown) => {
      const { log, problemOf } = this.#options.ports;
      log('warn', 'call_effect_failed', { call: effect.callId, code: problemOf(error).code });
    });
  }

  #lanesOf(callId: CallId): Lanes {
    if (this.#lanes?.callId === callId) return this.#lanes;
    const [publish, subscribe, said] = [createSerial(), createSerial(), createSerial()];
    return (this.#lanes = {
      callId,
      publish,
      subscribe,
      said,
      next: null,
      offers: 0,
      entering: Promise.resolve(),
    });
  }

  #do(effect: Effect, lanes: Lanes): Promise<void> {
    const { ports } = this.#options;
    const { callId } = effect;
    switch (effect.type) {
      case 'server_decline':
        return lanes.entering.then(() => ports.server().declineCall(callId));
      case 'server_hang_up':
        return lanes.entering.then(() => ports.server().hangUpCall(callId));
      case 'send': {
        const content = this.#salted(effect);
        return lanes.said.run(() => ports.sendContent(effect.conversationId, content));
      }
      case 'close_media':
        this.keys.wipe();
        return ports.media.close();
      default:
        return this.#inCall(effect, lanes);
    }
  }

  /** What is of no use once the call is over. */
  #inCall(
    effect: Exclude<Effect, Of<'server_decline' | 'server_hang_up' | 'send' | 'close_media'>>,
    lanes: Lanes,
  ): Promise<void> {
    const { media } = this.#options.ports;
    const { callId } = effect;
    switch (effect.type) {
      case 'server_start':
        return (lanes.entering = this.#try(callId, 'start', () => this.#enter(effect)));
      case 'server_answer':
        return (lanes.entering = lanes.publish.run(() => this.#answer(callId)));
      case 'prepare_media':
        return this.#prepare(effect);
      case 'open_devices':
        return this.#try(callId, 'media', () => this.#openDevices(effect));
      case 'publish':
        return this.#publishNext(effect, lanes);
      case 'take_offer':
        return this.#takeNext(effect, lanes);
      case 'server_candidate':
        // After the description that it belongs to; one does not wait for another.
        return lanes[effect.event.direction].idle().then(() => this.#sendCandidate(effect));
      case 'set_microphone':
        return media.setMicrophone(effect.on);
      case 'set_camera':
        return this.#setCamera(effect);
      case 'learn_salt':
        return this.keys.learn(callId, [effect.said]);
      case 'make_safety_code':
        return this.#makeSafetyCode(callId);
    }
  }

  /** Whoever comes into a call says with it what its frames are to be opened with. */
  #salted({ callId, content }: Of<'send'>): Of<'send'>['content'] {
    const salt = content.action === 'end' ? undefined : this.keys.saltFor(callId);
    return salt === undefined ? content : { ...content, salt };
  }

  /** What fails ends the call, or changes it; the machine decides. */
  async #try(callId: CallId, at: FailurePlace, work: () => Promise<void>): Promise<void> {
    const { ports, take, goesOn } = this.#options;
    if (!goesOn(callId)) return;
    try {
      await work();
    } catch (error) {
      take({ type: 'failed', callId, at, problem: ports.problemOf(error) });
    }
  }

  async #enter({ callId, conversationId, video }: Of<'server_start'>): Promise<void> {
    const { ports, take } = this.#options;
    const ticket = await ports.server().startCall({ callId, conversationId, video });
    take({ type: 'ticket', callId, iceServers: iceServersOf(ticket) });
  }

  /** Two steps that fail for different reasons: making the offer here, and the server's taking it. */
  async #answer(callId: CallId): Promise<void> {
    const { ports, take, goesOn } = this.#options;
    let sdp = '';
    await this.#try(callId, 'media', async () => {
      await this.keys.ready(callId);
      sdp = await ports.media.offer({ fresh: false });
    });
    await this.#try(callId, 'answer', async () => {
      const taken = await ports.server().answerCall({ callId, sdp });
      take({ type: 'taken', callId });
      if (goesOn(callId)) await ports.media.acceptAnswer(taken.sdp);
    });
  }

  /** While it rings a failure is no news yet: it is tried again when the person answers. */
  async #prepare(effect: Of<'prepare_media'>): Promise<void> {
    await this.keys.prepare(effect);
    this.#options.take({ type: 'media_prepared', callId: effect.callId });
  }

  async #openDevices({ callId, video }: Of<'open_devices'>): Promise<void> {
    const { ports, take } = this.#options;
    await this.keys.ready(callId);
    await ports.media.open({ video });
    take({ type: 'media_opened', callId });
  }

  #publishNext(effect: Of<'publish'>, lanes: Lanes): Promise<void> {
    const waits = lanes.next !== null;
    const next = (lanes.next = { ...effect, fresh: effect.fresh || lanes.next?.fresh === true });
    if (waits) return Promise.resolve();
    return lanes.publish.run(() => {
      const { fresh } = lanes.next ?? next;
      lanes.next = null;
      return this.#try(effect.callId, 'publish', () => this.#publish({ ...effect, fresh }));
    });
  }

  async #publish({ callId, fresh }: Of<'publish'>): Promise<void> {
    const { ports, goesOn } = this.#options;
    const offer = await ports.media.offer({ fresh });
    const { sdp } = await ports.server().publishMedia({ callId, sdp: offer });
    if (goesOn(callId)) await ports.media.acceptAnswer(sdp);
  }

  async #takeNext(effect: Of<'take_offer'>, lanes: Lanes): Promise<void> {
    // An honest server waits for answers: what is beyond is not looked at.
    if (lanes.offers >= offersMax) return;
    lanes.offers += 1;
    await lanes.subscribe.run(() =>
      this.#try(effect.callId, 'publish', () => this.#takeOffer(effect)),
    );
    lanes.offers -= 1;
  }

  async #takeOffer({ callId, event }: Of<'take_offer'>): Promise<void> {
    const { ports, goesOn } = this.#options;
    const sdp = await ports.media.answer(event.sdp, event.feeds);
    if (goesOn(callId)) await ports.server().answerMedia({ callId, sdp });
  }

  async #sendCandidate({ callId, event }: Of<'server_candidate'>): Promise<void> {
    const { ports, goesOn } = this.#options;
    const { direction, candidate } = event;
    if (goesOn(callId)) await ports.server().candidate({ callId, direction, candidate });
  }

  async #setCamera({ callId, on }: Of<'set_camera'>): Promise<void> {
    const { ports, take } = this.#options;
    const problem = await ports.media.setCamera(on);
    take({ type: 'camera_set', callId, on, problem });
  }

  async #makeSafetyCode(callId: CallId): Promise<void> {
    const code = await this.keys.safetyCode(callId);
    if (code !== undefined) this.#options.take({ type: 'safety_code', callId, code });
  }
}
