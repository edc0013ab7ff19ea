/** One side of all pairs, in a process of its own: whole clients with MLS, or bare sockets of the relay. What it is told
 * to say carries the time, by which the other side, on the same machine's clock, knows how long it took. */
import { once } from 'node:events';
import { WebSocket as NodeWebSocket } from 'ws';
import type { Address } from '../../src/core/index.js';
import { addressOf, claim, type Person } from '../../src/core/test/person.js';
import type { ServerProcess, TestSite } from '../../src/core/test/server-process.js';

/** What a process of voices may be asked; it answers each with one `Answer`, but `say` with nothing. */
export type Request =
  | { type: 'claim'; server: Pick<ServerProcess, 'url'>; site: TestSite; names: string[] }
  | { type: 'open'; addresses: string[] }
  | { type: 'relay'; port: number; places: number[] }
  /** `at`: when it was due, by `clockMs`; without it, when it is said. */
  | { type: 'say'; pair: number; at?: number }
  | { type: 'cpu' }
  /** What this side's part took of each message since it was asked last. */
  | { type: 'shares' };

/** What it tells. */
export type Told =
  | { type: 'answer'; addresses?: string[]; cpuMs?: number; sharesMs?: number[] }
  | { type: 'seen'; pair: number; ms: number }
  | { type: 'failed'; reason: string };

type Claim = Extract<Request, { type: 'claim' }>;
type Say = (text: string) => Promise<unknown>;

/** A text's length, stamp and all, near what people write. */
const textLength = 60;
/** What such a text is as ciphertext, with its envelope. */
const frameBytes = 500;

/** Milliseconds by the machine's clock that never jumps: the same in all its processes. */
export const clockMs = (): number => Number(process.hrtime.bigint()) / 1e6;

const tell = (told: Told): void => void process.send?.(told);

function seen(pair: number, text: string): void {
  tell({ type: 'seen', pair, ms: clockMs() - Number(text.split(' ')[0]) });
}

/** Somebody, when they said something that has not left yet, and when something came off their socket. */
interface Voice {
  person: Person;
  times: { said?: number | undefined; came: number };
}

let shares: number[] = [];

/** Smaller frames are other requests. */
const messageBytesMin = 300;

/** A browser's socket at this origin, watched: what lies between its two ends is not the clients' doing. */
function watchedSocket(origin: string, times: Voice['times']): typeof WebSocket {
  class Watched extends NodeWebSocket {
    constructor(url: string) {
      super(url, { origin });
      this.on('message', () => (times.came = clockMs()));
    }

    override send(data: Uint8Array): void {
      if (times.said !== undefined && data.length >= messageBytesMin) {
        shares.push(clockMs() - times.said);
        times.said = undefined;
      }
      super.send(data);
    }
  }
  return Watched as unknown as typeof WebSocket;
}

async function join(name: string, { server, site }: Claim): Promise<Voice> {
  const times: Voice['times'] = { came: 0 };
  const socket = watchedSocket(site.origin, times);
  const at = { server: server as ServerProcess, site };
  return { person: await claim(name, { ...at, WebSocket: socket }), times };
}

/** Tells of each text that is there decrypted and stored. */
function listen({ person, times }: Voice, pair: number): void {
  person.client.subscribe((event) => {
    if (event.type !== 'arrived') return;
    const { body } = event.message;
    if (body.type !== 'text') return;
    seen(pair, body.text);
    shares.push(clockMs() - times.came);
  }, new AbortController().signal);
}

async function joinRelay(port: number, place: number, pair: number): Promise<Say> {
  const socket = new NodeWebSocket(`ws://127.0.0.1:${port}/${place}`);
  await once(socket, 'open');
  socket.on('message', (data: Buffer) => {
    // The relay's own answer carries no time.
    if (data.length === frameBytes) seen(pair, data.toString('latin1'));
  });
  return (text) => {
    socket.send(Buffer.from(text.padEnd(frameBytes)));
    return Promise.resolve();
  };
}

const people: Voice[] = [];
let voices: Say[] = [];
let said = 0;

async function answer(request: Exclude<Request, { type: 'say' }>): Promise<Told> {
  if (request.type === 'claim') {
    for (const name of request.names) people.push(await join(name, request));
    people.forEach(listen);
    return { type: 'answer', addresses: people.map(({ person }) => addressOf(person)) };
  }
  if (request.type === 'open') {
    voices = [];
    for (const [pair, { person, times }] of people.entries()) {
      const address = request.addresses[pair] as Address;
      const opening = { type: 'open_conversation', address } as const;
      const { conversationId } = await person.client.run<'open_conversation'>(opening);
      voices.push((text) => {
        times.said = clockMs();
        return person.say(conversationId, text);
      });
    }
    return { type: 'answer' };
  }
  if (request.type === 'relay') {
    const { port, places } = request;
    voices = await Promise.all(places.map((place, pair) => joinRelay(port, place, pair)));
    return { type: 'answer' };
  }
  if (request.type === 'shares') {
    const sharesMs = shares;
    shares = [];
    return { type: 'answer', sharesMs };
  }
  const { user, system } = process.cpuUsage();
  return { type: 'answer', cpuMs: (user + system) / 1_000 };
}

process.on('message', (request: Request) => {
  const failed = (error: unknown): void => tell({ type: 'failed', reason: String(error) });
  if (request.type !== 'say') {
    answer(request).then(tell, failed);
    return;
  }
  said += 1;
  const text = `${(request.at ?? clockMs()).toFixed(4)} ${said} `.padEnd(textLength, 'x');
  voices[request.pair]?.(text).catch(failed);
});
// Whoever asked is gone.
process.on('disconnect', () => process.exit());
