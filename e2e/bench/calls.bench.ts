/** Calls: how long from the click on Answer to the other's picture, and what a video call costs; beside a bare call
 * of two plain pages through the same Janus in the same browsers. */
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { answer, call, over } from '../fixtures/calls.js';
import type { Janus } from '../fixtures/janus.js';
import type { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';
import { BareCall } from './calls/bare.js';
import { browserPid, cpuOf } from './calls/cpu.js';
import { forget, seen, watchPictures } from './calls/watch.js';

/** Janus offers no loopback addresses. */
export const namespace = true;

const answerBudgetMs = 400;

/** One call, in milliseconds from the click. */
interface Times {
  ring: number;
  callee: number;
  caller: number;
}

interface Scene {
  world: World;
  janus: Janus;
  ada: Person;
  ben: Person;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function talk({ ada, ben }: Scene): Promise<Times> {
  for (const { page } of [ada, ben]) await forget(page);
  await call(ada, true);
  await ben.button('Answer with video').waitFor();
  const ring = Date.now();
  // The caller has published long before anybody can reach for a button.
  await ben.page.waitForTimeout(1_500);
  const called = await ada.page.evaluate(
    () => (globalThis as unknown as { watch: { clicked: number } }).watch.clicked,
  );
  await answer(ben, true);
  const [callee, caller] = await Promise.all([seen(ben.page), seen(ada.page)]);
  const began = callee.clicked;
  return { ring: ring - called, callee: callee.shown - began, caller: caller.shown - began };
}

async function hangUp({ ada, ben }: Scene): Promise<void> {
  await ada.button('Hang up').click();
  await Promise.all([over(ada), over(ben)]);
}

const contexts = ({ world }: Scene) => [world.context('ada'), world.context('ben')] as const;

/** Calls and bare calls by turns, so that both meet the same machine. */
async function measureTimes(scene: Scene, count: number): Promise<Figure[]> {
  const ours: Times[] = [];
  const bare: [number, number][] = [];
  for (let index = 0; index < count; index += 1) {
    ours.push(await talk(scene));
    await hangUp(scene);
    const floor = await BareCall.ring(contexts(scene), scene.janus, 1_000 + index);
    bare.push(await floor.answer());
    await floor.end();
  }
  const figure = (name: string, values: number[], floor: number | null): Figure => ({
    name: `calls: ${name}, p50`,
    value: median(values),
    unit: 'ms',
    floor,
    budget: floor === null ? null : answerBudgetMs,
  });
  return [
    figure(
      'click on Answer to first picture, callee',
      ours.map(({ callee }) => callee),
      median(bare.map(([callee]) => callee)),
    ),
    figure(
      'click on Answer to first picture, caller',
      ours.map(({ caller }) => caller),
      median(bare.map(([, caller]) => caller)),
    ),
    figure(
      'click on Call to ring',
      ours.map(({ ring }) => ring),
      null,
    ),
  ];
}

async function measureCpu(scene: Scene, milliseconds: number): Promise<Figure[]> {
  const { world, janus } = scene;
  const pids = [await browserPid(world.profile('ada')), world.server.pid, janus.child.pid];
  await talk(scene);
  const ours = await cpuOf(pids, milliseconds);
  await hangUp(scene);
  const floor = await BareCall.ring(contexts(scene), janus, 999);
  await floor.answer();
  const bare = await cpuOf(pids, milliseconds);
  await floor.end();
  return ['browser', 'server', 'Janus'].map((name, index) => ({
    name: `calls: processor time of the ${name} in a video call`,
    value: Math.round((ours[index] ?? 0) * 10) / 10,
    unit: '%',
    floor: name === 'server' ? null : Math.round((bare[index] ?? 0) * 10) / 10,
    budget: null,
  }));
}

export const run: BenchPart = async ({ quick, say }) => {
  await using world = await World.create({
    janus: 'watched',
    env: { PARLEY_RATE_LIMITS: 'off', PARLEY_LOG_LEVEL: 'warn' },
  });
  if (world.janus === null) throw new Error('no Janus');
  const people = await world.twoPeople({ prepare: watchPictures });
  const scene: Scene = { world, janus: world.janus.process, ...people };
  await scene.ada.send('may I call?');
  await scene.ben.openConversation(/ada/i);
  say('calls by turns with bare ones');
  const times = await measureTimes(scene, quick ? 1 : 9);
  say('the processor in a video call');
  return [...times, ...(await measureCpu(scene, quick ? 1_000 : 10_000))];
};
