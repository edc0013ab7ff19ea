/** Two people's call runners over real MLS groups, with a relay for a server and media that only remember. */
import { randomBytes, toBase64Url } from '../../bytes.js';
import type { Clock } from '../../context.js';
import type { CallContent } from '../../content/index.js';
import type { CallId, ConversationId, MessageId } from '../../ids.js';
import { exporter, type DeviceIdentity, type Group } from '../../mls/index.js';
import { pair, type Pair } from '../../mls/test/people.js';
import { ProblemError } from '../../snapshot.js';
import type { CallEvent } from '../../transport/contract.js';
import type { CallPorts } from '../ports.js';
import { createCalls, type Calls } from '../runner.js';
import type { CallView } from '../state.js';
import type { CallKeys, MediaEvent, MediaPort } from '../media-port.js';

/** Time that passes when the test says so. */
export class TestClock implements Clock {
  #now = 1_000_000;
  #sleepers: { at: number; wake: () => void }[] = [];

  now = (): number => this.#now;

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ at: this.#now + ms, wake: resolve });
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  }

  async pass(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const { wake } of due) wake();
    await settle();
  }
}

/** Lets everything that waits for nothing but other work finish. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

export class TestMedia implements MediaPort {
  readonly did: string[] = [];
  readonly keys: CallKeys[] = [];
  /** Those that each `prepare` was given. */
  readonly prepared: CallKeys[] = [];
  prepareFails = false;
  /** What the person is asked before devices open; they take their time. */
  question: Promise<void> = Promise.resolve();
  refuses: 'microphone_denied' | 'camera_denied' | null = null;
  #listener: (event: MediaEvent) => void = () => undefined;

  emit(event: MediaEvent): void {
    this.#listener(event);
  }
  supported = () => Promise.resolve('available' as const);
  prepare({ keys }: { keys: CallKeys }): Promise<void> {
    this.did.push('prepare');
    this.keys.push(keys);
    this.prepared.push(keys);
    return this.prepareFails
      ? Promise.reject(new ProblemError({ code: 'call_failed' }))
      : Promise.resolve();
  }
  async open({ video }: { video: boolean }): Promise<void> {
    this.did.push(video ? 'open video' : 'open');
    await this.question;
    if (this.refuses === 'microphone_denied' || (this.refuses === 'camera_denied' && video)) {
      throw new ProblemError({ code: this.refuses });
    }
  }
  offer({ fresh }: { fresh: boolean }): Promise<string> {
    this.did.push(fresh ? 'fresh offer' : 'offer');
    // Candidates come while the offer is on its way.
    this.emit({ event: 'candidate', direction: 'publish', candidate: null });
    return Promise.resolve('offer');
  }
  acceptAnswer = (): Promise<void> => this.#note('accept answer');
  answer(): Promise<string> {
    this.did.push('answer');
    return Promise.resolve('answer');
  }
  setKeys(keys: CallKeys): Promise<void> {
    this.keys.push(keys);
    return Promise.resolve();
  }
  setMicrophone = (on: boolean): Promise<void> => this.#note(`microphone ${String(on)}`);
  setCamera(on: boolean): Promise<null> {
    this.did.push(`camera ${String(on)}`);
    return Promise.resolve(null);
  }
  close = (): Promise<void> => this.#note('close');
  onEvent(listener: (event: MediaEvent) => void): void {
    this.#listener = listener;
  }

  #note(what: string): Promise<void> {
    this.did.push(what);
    return Promise.resolve();
  }
}

export interface Side {
  calls: Calls;
  media: TestMedia;
  group: Group;
  shown: CallView | null;
  /** Every request to the server, in order. */
  asked: string[];
  said: Omit<CallContent, 'id' | 'at' | 'type'>[];
  /** When set, requests fail. */
  offline: boolean;
  /** When set, what it says inside MLS gets lost. */
  mute: boolean;
  log: string[];
  stop: AbortController;
}

export interface World extends Pair {
  clock: TestClock;
  a: Side;
  b: Side;
}

export async function world(): Promise<World> {
  const people = await pair();
  const clock = new TestClock();
  const a = newSide(people.aliceGroup);
  const b = newSide(people.bobGroup);
  a.calls = createCalls(
    portsOf(a, { own: people.alice, other: b, clock, conversationId: people.conversationId }),
  );
  b.calls = createCalls(
    portsOf(b, { own: people.bob, other: a, clock, conversationId: people.conversationId }),
  );
  return { ...people, clock, a, b };
}

function newSide(group: Group): Side {
  const calls = undefined as unknown as Calls; // set right after, when both sides are there
  const rest = {
    asked: [],
    said: [],
    offline: false,
    mute: false,
    log: [],
    stop: new AbortController(),
  };
  return { calls, media: new TestMedia(), group, shown: null, ...rest };
}

interface Surroundings {
  own: DeviceIdentity;
  other: Side;
  clock: TestClock;
  conversationId: ConversationId;
}

function portsOf(side: Side, { own, other, clock, conversationId }: Surroundings): CallPorts {
  const tell = (event: object): void => {
    other.calls.serverEvent(event as CallEvent);
  };
  const request = async <Answer>(name: string, answer: Answer): Promise<Answer> => {
    side.asked.push(name);
    await Promise.resolve();
    if (side.offline) throw new ProblemError({ code: 'offline' });
    return answer;
  };
  const ticket = (callId: CallId) => ({ callId, iceServers: [] });
  return {
    media: side.media,
    server: () => ({
      async startCall({ callId, video }) {
        await request('start', null);
        const caller = { caller: own.address, callerDevice: own.deviceId };
        tell({
          event: 'ringing',
          callId,
          conversationId,
          ...caller,
          video,
          expiresAt: clock.now() + 45_000,
          iceServers: [],
        });
        return ticket(callId);
      },
      async answerCall({ callId }) {
        await request('answer', null);
        tell({ event: 'answered', callId, by: own.address, device: own.deviceId });
        // Each is offered what the other publishes.
        for (const { calls } of [side, other])
          calls.serverEvent({ event: 'offer', callId, sdp: 'offer', feeds: [] });
        return { sdp: 'answer' };
      },
      async declineCall(callId) {
        await request('decline', null);
        tell({ event: 'ended', callId, reason: 'declined' });
      },
      async hangUpCall(callId) {
        await request('hang up', null);
        tell({ event: 'ended', callId, reason: 'hung_up' });
      },
      async publishMedia({ callId }) {
        await request('publish', null);
        // Offered to whoever is in the call by then: the caller publishes before the other answers.
        if (other.asked.includes('answer') || side.asked.includes('answer'))
          // Each is offered what the other publishes.
          for (const { calls } of [side, other])
            calls.serverEvent({ event: 'offer', callId, sdp: 'offer', feeds: [] });
        return { sdp: 'answer' };
      },
      answerMedia: () => request('answer media', undefined),
      candidate: () => request('candidate', undefined),
    }),
    group: () =>
      Promise.resolve({
        epoch: side.group.epoch,
        ownLeafIndex: side.group.ownLeafIndex,
        members: side.group.members,
        exporter: (use) => exporter(side.group, use),
      }),
    sendContent: (id, content) => {
      side.said.push(content);
      if (side.mute) return Promise.resolve();
      const said: CallContent = {
        type: 'call',
        id: toBase64Url(randomBytes(16)) as MessageId,
        at: clock.now(),
        ...content,
      };
      const { address, deviceId } = own;
      other.calls.content(said, { conversationId: id, address, deviceId, isSelf: false });
      return Promise.resolve();
    },
    clock,
    log: (_level, event) => side.log.push(event),
    onCall: (call) => {
      side.shown = call;
    },
    problemOf: (error) => (error instanceof ProblemError ? error.problem : { code: 'internal' }),
    signal: side.stop.signal,
  };
}
