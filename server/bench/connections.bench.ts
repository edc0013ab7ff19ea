/** What waiting costs: memory of idle signed-in connections beside bare `ws`, and everybody coming back at once after
 * a restart. */
import { availableParallelism } from 'node:os';
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { MeasuredProcess, type Reading } from './measured-process.js';
import { RawSocket } from './raw-socket.js';
import { benchOrigin, Scene, type BenchPair, type BenchPerson } from './scene.js';
import { requestFrame, sessionFrame } from './talker.js';

/** Sockets that are being opened at a time, as many pages would. */
const atATime = 200;
/** One address has some 28,000 ports; several keep clear of those that are still being given back. */
const perAddress = 4_000;
const returning = 2_000;

/** Opens so many sockets, few at a time. */
async function openAll(
  count: number,
  open: (index: number, localAddress: string) => Promise<RawSocket>,
): Promise<RawSocket[]> {
  const sockets: RawSocket[] = [];
  let next = 0;
  const opener = async (): Promise<void> => {
    for (let index = next; index < count; index = next) {
      next += 1;
      const localAddress = `127.0.0.${1 + Math.floor(index / perAddress)}`;
      sockets[index] = await open(index, localAddress);
    }
  };
  await Promise.all(Array.from({ length: atATime }, opener));
  return sockets;
}

/** Signs in and subscribes; resolves with the beginning of the stream. */
async function signIn(
  at: { port: number; siteKey: string; localAddress: string },
  { session }: BenchPerson,
): Promise<RawSocket> {
  const { port, siteKey, localAddress } = at;
  const path = `/trpc?site=${siteKey}&connectionParams=1`;
  const socket = await RawSocket.open({ port, path, origin: benchOrigin, localAddress });
  await new Promise<void>((resolve, reject) => {
    // Such a client asks for the heads when it hears that nothing is missed from here on.
    socket.onPayload = (payload) => {
      if (payload.includes('subscribed')) {
        socket.send(requestFrame(2, 'query', { path: 'conversations.heads', input: {} }));
      } else if (payload.includes('heads')) resolve();
      else if (payload.includes('error')) reject(new Error('refused'));
    };
    socket.onClose = () => {
      reject(new Error('closed'));
    };
    socket.send(sessionFrame(session));
    socket.send(requestFrame(1, 'subscription', { path: 'events.subscribe' }));
  });
  socket.onPayload = () => undefined;
  socket.onClose = () => undefined;
  return socket;
}

function closeAll(sockets: readonly RawSocket[]): void {
  for (const socket of sockets) socket.destroy();
}

/** Bytes a connection: resident, and of the heap with what it refers to. */
interface Weight {
  resident: number;
  heap: number;
}

/** What nine of ten of them add: the first ones fill the room that the start has left free. */
async function weigh(
  process: MeasuredProcess,
  count: number,
  open: (index: number, localAddress: string) => Promise<RawSocket>,
): Promise<{ weight: Weight; sockets: RawSocket[] }> {
  const few = count / 10;
  const first = await openAll(few, open);
  const before = await settled(process);
  const rest = count - few;
  const second = await openAll(rest, (index, address) => open(few + index, address));
  const after = await settled(process);
  const heap = after.heapUsed + after.external - before.heapUsed - before.external;
  const weight = { resident: (after.rss - before.rss) / rest, heap: heap / rest };
  return { weight, sockets: [...first, ...second] };
}

/** Collects until nothing more goes: what closed sockets held is given back over some turns. */
async function settled(process: MeasuredProcess): Promise<Reading> {
  let reading = await process.read('settle');
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const next = await process.read('settle');
    if (Math.abs(next.heapUsed - reading.heapUsed) < 50_000) return next;
    reading = next;
  }
}

async function weighBare(count: number): Promise<Weight> {
  const process = MeasuredProcess.start('server/bench/relay.js');
  const { port } = await process.line<{ port: number }>(() => true);
  const { weight, sockets } = await weigh(process, count, (index, localAddress) =>
    RawSocket.open({ port, path: `/${index}`, origin: benchOrigin, localAddress }),
  );
  closeAll(sockets);
  await process.stop('SIGKILL');
  return weight;
}

const kilobytes = (bytes: number): number => Number((bytes / 1_000).toPrecision(3));

function weightFigures(count: number, ours: Weight, bare: Weight): Figure[] {
  const name = (what: string): string => `connections: ${what} of an idle one, ${count} open`;
  const figure = (what: string, weight: keyof Weight, budget: number | null): Figure => ({
    name: name(what),
    value: kilobytes(ours[weight]),
    unit: 'KB',
    floor: kilobytes(bare[weight]),
    budget,
  });
  return [figure('memory', 'resident', 15), figure('heap', 'heap', null)];
}

/** Everybody comes back at once. */
async function comeBack(scene: Scene, people: readonly BenchPerson[]): Promise<Figure[]> {
  await scene.restart();
  await scene.process.read('reset');
  const { port, population } = scene;
  const { siteKey } = population;
  const before = await scene.process.read();
  const startedAt = performance.now();
  const sockets = await Promise.all(
    people.map((person, index) =>
      signIn(
        { port, siteKey, localAddress: `127.0.0.${10 + Math.floor(index / perAddress)}` },
        person,
      ),
    ),
  );
  const ms = performance.now() - startedAt;
  const after = await scene.process.read();
  closeAll(sockets);
  const figure = (what: string, value: number, unit: string): Figure => ({
    name: `connections: ${what}`,
    value: Number(value.toPrecision(3)),
    unit,
    floor: null,
    budget: null,
  });
  return [
    figure(`${people.length} sign in, subscribe and ask for heads after a restart`, ms, 'ms'),
    figure('longest stall meanwhile', after.stallMs, 'ms'),
    figure('server CPU of one that comes back', (after.cpuUs - before.cpuUs) / people.length, 'us'),
  ];
}

const peopleOf = (pairs: readonly BenchPair[]): BenchPerson[] =>
  pairs.flatMap(({ people }) => people);

export const run: BenchPart = async ({ quick, say }) => {
  const counts = quick ? [200] : [2_000, 10_000];
  const most = Math.max(...counts);
  const figures: Figure[] = [];
  for (const count of counts) {
    say(`${count} connections, on ${availableParallelism()} cores`);
    const scene = await Scene.open({ pairs: most / 2 });
    const { siteKey, pairs } = scene.population;
    const people = peopleOf(pairs);
    const ours = await weigh(scene.process, count, (index, localAddress) => {
      const person = people[index];
      if (person === undefined) throw new Error('too few people');
      return signIn({ port: scene.port, siteKey, localAddress }, person);
    });
    closeAll(ours.sockets);
    figures.push(...weightFigures(count, ours.weight, await weighBare(count)));
    if (count === counts[0]) {
      say('a restart');
      figures.push(...(await comeBack(scene, people.slice(0, Math.min(returning, most)))));
    }
    await scene.close();
  }
  return figures;
};
