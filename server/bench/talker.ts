/** A signed-in device of the load: sends prepared messages, times their way to the other one. */
import { encode } from '@msgpack/msgpack';
import { frameOf, RawSocket } from './raw-socket.js';
import { benchOrigin, type BenchPair } from './scene.js';

/** What a short text becomes as MLS ciphertext. */
const ciphertextBytes = 400;
/** Begins each ciphertext; sender and number follow it. */
const mark = Buffer.from('PARLEY-BENCH');
/** Of 22 characters; the number of the message goes into the middle, the last one keeps the spelling valid. */
const idPrefixLength = 12;
/** Ids of requests from here on take four bytes, so that they stand at a known place. */
const firstRequestId = 70_000;
const subscriptionId = 1;
/** `82 a2 i d`, then the id. */
const idAt = 4;

/** What happens to the messages of all talkers. */
export interface Tally {
  sent: number;
  acknowledged: number;
  delivered: number;
  refused: number;
  /** Milliseconds from send to delivered, if wanted. */
  latencies: number[] | null;
  onAcknowledged: (talker: Talker) => void;
  onDelivered: (talker: Talker) => void;
}

export function newTally(): Tally {
  return {
    sent: 0,
    acknowledged: 0,
    delivered: 0,
    refused: 0,
    latencies: null,
    onAcknowledged: () => undefined,
    onDelivered: () => undefined,
  };
}

/** A request as a WebSocket frame. */
export function requestFrame(
  id: number,
  method: 'query' | 'mutation' | 'subscription',
  params: { path: string; input?: unknown },
): Buffer {
  return frameOf(encode({ id, method, params }));
}

/** The first frame of a connection. */
export function sessionFrame(session: string): Buffer {
  return frameOf(encode({ method: 'connectionParams', data: { session } }));
}

interface Template {
  frame: Buffer;
  requestIdAt: number;
  envelopeIdAt: number;
  numberAt: number;
}

/** One device of a pair. */
export class Talker {
  /** Milliseconds, by the number of the message. */
  readonly sentAt: number[] = [];
  readonly #tally: Tally;
  readonly #template: Template;
  peer: Talker | null = null;

  private constructor(
    readonly index: number,
    readonly socket: RawSocket,
    { tally, conversationId }: { tally: Tally; conversationId: string },
  ) {
    this.#tally = tally;
    this.#template = makeTemplate(index, conversationId);
    socket.onPayload = (payload) => this.#take(payload);
  }

  /** Signs in and subscribes; resolves when the stream has begun. */
  static async join(
    at: { port: number; siteKey: string; index: number; tally: Tally },
    pair: BenchPair,
  ): Promise<Talker> {
    const { port, siteKey, index, tally } = at;
    const path = `/trpc?site=${siteKey}&connectionParams=1`;
    const socket = await RawSocket.open({ port, path, origin: benchOrigin });
    const begun = new Promise<void>((resolve) => {
      socket.onPayload = (payload) => {
        if (payload.includes('subscribed')) resolve();
      };
    });
    socket.send(sessionFrame(pair.people[index % 2 === 0 ? 0 : 1].session));
    socket.send(requestFrame(subscriptionId, 'subscription', { path: 'events.subscribe' }));
    await begun;
    return new Talker(index, socket, { tally, conversationId: pair.conversationId });
  }

  /** The same without a server: every other one is connected to the relay. */
  static async joinRelay(at: { port: number; index: number; tally: Tally }): Promise<Talker> {
    const { port, index, tally } = at;
    const socket = await RawSocket.open({ port, path: `/${index}`, origin: benchOrigin });
    return new Talker(index, socket, { tally, conversationId: 'x'.repeat(22) });
  }

  send(): void {
    const { frame, requestIdAt, envelopeIdAt, numberAt } = this.#template;
    const number = this.sentAt.length;
    // A copy: the socket may still hold the last one.
    const copy = Buffer.from(frame);
    copy.writeUInt32BE(firstRequestId + number, requestIdAt);
    copy.write(String(number).padStart(9, '0'), envelopeIdAt + idPrefixLength, 'latin1');
    copy.writeUInt32BE(number, numberAt);
    this.#tally.sent += 1;
    this.sentAt.push(performance.now());
    this.socket.send(copy);
  }

  #take(payload: Buffer): void {
    const at = payload.indexOf(mark);
    if (at < 0) {
      this.#takeAnswer(payload);
      return;
    }
    // One's own message comes back too, for one's other devices.
    const sender = payload.readUInt32BE(at + mark.length);
    if (sender === this.index) return;
    const sentAt = this.peer?.sentAt[payload.readUInt32BE(at + mark.length + 4)];
    if (sentAt === undefined) return;
    this.#tally.delivered += 1;
    this.#tally.latencies?.push(performance.now() - sentAt);
    this.#tally.onDelivered(this);
  }

  #takeAnswer(payload: Buffer): void {
    if (payload[idAt] !== 0xce) return;
    // `error` follows the id where an answer says `result`.
    if (payload[idAt + 5] === 0xa5) this.#tally.refused += 1;
    else this.#tally.acknowledged += 1;
    this.#tally.onAcknowledged(this);
  }
}

function makeTemplate(index: number, conversationId: string): Template {
  const ciphertext = Buffer.alloc(ciphertextBytes, index & 0xff);
  mark.copy(ciphertext);
  ciphertext.writeUInt32BE(index, mark.length);
  const id = `${Math.random().toString(36).slice(2).padEnd(idPrefixLength, 'x').slice(0, idPrefixLength)}000000000A`;
  const input = { conversationId, id, epoch: 1, ciphertext };
  const frame = requestFrame(firstRequestId, 'mutation', { path: 'conversations.send', input });
  const requestId = Buffer.alloc(5, 0xce);
  requestId.writeUInt32BE(firstRequestId, 1);
  return {
    frame,
    requestIdAt: frame.indexOf(requestId) + 1,
    envelopeIdAt: frame.indexOf(id),
    numberAt: frame.indexOf(mark) + mark.length + 4,
  };
}
