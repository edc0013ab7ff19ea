/** What Parley costs the page that carries it: without it, with the launcher, with the panel open, in a stream of messages. */
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import type { HostPage } from '../fixtures/host-page.js';
import { Person } from '../fixtures/person.js';
import type { Relay } from '../fixtures/relay.js';
import { World } from '../fixtures/world.js';
import { Meter, type Costs } from './page/measure.js';

/** Chromium says where its main thread's time went. */
const budgets = { scriptMs: 60, longestTaskMs: 50 };
const perSecond = 100;

/** Costs of a scene, and what went over the wire for it. */
interface Scene extends Costs {
  requests: number;
  kilobytes: number;
}

const units: Record<keyof Scene, string> = {
  scriptMs: 'ms',
  longestTaskMs: 'ms',
  longestTaskCpuMs: 'ms',
  layoutShift: '',
  heapKb: 'KB',
  requests: '',
  kilobytes: 'KB',
};
const names: Record<keyof Scene, string> = {
  scriptMs: 'script time',
  longestTaskMs: 'longest task',
  longestTaskCpuMs: 'processor time of the longest task',
  layoutShift: 'layout shift',
  heapKb: 'heap',
  requests: 'requests',
  kilobytes: 'bytes transferred',
};

/** Measures, cleans up, and answers its figures. */
export const run: BenchPart = async ({ quick, say }) => {
  await using world = await World.create();
  const rounds = quick ? 1 : 5;
  say('two people meet');
  const { ada, ben } = await world.twoPeople();
  await ada.send('hello');
  await ben.openConversation(/ada/i);
  await ben.sees('hello');
  await ada.page.close();
  const shop = world.pageOf('shop.localhost');
  const none: Scene[] = [];
  const launcher: Scene[] = [];
  const panel: Scene[] = [];
  for (let round = 0; round < rounds; round += 1) {
    say(`round ${String(round + 1)} of ${String(rounds)}`);
    none.push(await visit(world, 'none', round));
    launcher.push(await visit(world, 'launcher', round));
    panel.push(await openPanel(world, shop));
  }
  say(`${String(perSecond)} messages a second`);
  const { scene, shown } = await stream(world, ben, quick ? 2 : 15);
  const floor = median(none);
  return [
    ...figuresOf('no widget', floor, null),
    ...figuresOf('launcher', median(launcher), floor),
    ...figuresOf('panel opened', median(panel), floor),
    ...figuresOf(`${String(perSecond)} messages a second`, scene, floor),
    {
      name: 'page: messages shown per second',
      value: shown,
      unit: '1/s',
      floor: perSecond,
      budget: null,
    },
  ];
};

/** A new visitor, with nothing in the cache. */
async function visit(world: World, kind: 'none' | 'launcher', round: number): Promise<Scene> {
  const name = `${kind}-${String(round)}`;
  const shop = world.pageOf('shop.localhost');
  const url =
    kind === 'launcher'
      ? shop.url
      : shop.add('/none', {
          content: '<!doctype html><title>Plain</title><h1>A page of somebody else</h1>',
        });
  const browser = await world.browser(name);
  const page = await browser.newPage();
  const meter = await Meter.on(page);
  const wire = mark(world.wire);
  await meter.start();
  await page.goto(url);
  if (kind === 'launcher') await page.getByRole('button', { name: 'Open chat' }).waitFor();
  await page.waitForLoadState('networkidle');
  const scene = { ...(await meter.stop()), ...wire() };
  await world.closeBrowser(name);
  return scene;
}

/** Somebody who was here before opens the panel and a conversation, with nothing in the cache. */
async function openPanel(world: World, shop: HostPage): Promise<Scene> {
  const page = await world.context('ada').newPage();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.clearBrowserCache');
  const meter = await Meter.on(page);
  const wire = mark(world.wire);
  await meter.start();
  const ada = new Person(page, '@ada@shop.localhost');
  await page.goto(shop.url);
  await ada.open();
  await ada.openConversation(/ben/i);
  await ada.sees('hello');
  const scene = { ...(await meter.stop()), ...wire() };
  await page.close();
  return scene;
}

/** Somebody reads while the other writes more than anybody could. */
async function stream(
  world: World,
  ben: Person,
  seconds: number,
): Promise<{ scene: Scene; shown: number }> {
  const page = await world.context('ada').newPage();
  const meter = await Meter.on(page);
  const ada = new Person(page, '@ada@shop.localhost');
  await page.goto(world.pageOf('shop.localhost').url);
  await ada.open();
  await ada.openConversation(/ben/i);
  await ada.sees('hello');
  await page.bringToFront();
  const wire = mark(world.wire);
  await meter.start();
  const start = performance.now();
  const total = seconds * perSecond;
  const sending = ben.page.evaluate(write, { total, perSecond });
  await page.waitForFunction(isNewest, `stream ${String(total - 1)}`, {
    polling: 100,
    timeout: 120_000,
  });
  const tookSeconds = (performance.now() - start) / 1000;
  const scene = { ...(await meter.stop()), ...wire() };
  await sending;
  await page.close();
  return { scene, shown: total / tookSeconds };
}

/** Runs in the page of the one who writes. */
async function write({ total, perSecond }: { total: number; perSecond: number }): Promise<void> {
  const app = document.querySelector('parley-chat')?.shadowRoot?.querySelector('parley-app');
  const { client } = app as unknown as {
    client: {
      snapshot: { conversations: { id: string }[] };
      run: (command: object) => Promise<unknown>;
    };
  };
  const conversationId = client.snapshot.conversations[0]?.id;
  const sent: Promise<unknown>[] = [];
  for (const start = performance.now(); sent.length < total;) {
    const due = Math.min(total, ((performance.now() - start) / 1000) * perSecond);
    // A tab holds at most 200 commands that are not done.
    for (let burst = 0; burst < 50 && sent.length < due; burst += 1) {
      const text = `stream ${String(sent.length)}`;
      sent.push(client.run({ type: 'send_text', conversationId, text }));
    }
    await Promise.all(sent.slice(-150, -100));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await Promise.all(sent);
}

/** Runs in the page of the one who reads: no more than one line is looked at, as it counts as the page's own time. */
function isNewest(text: string): boolean {
  let root = document.querySelector('parley-chat')?.shadowRoot;
  for (const name of ['parley-app', 'parley-conversation', 'parley-thread'])
    root = root?.querySelector(name)?.shadowRoot;
  const days = root?.querySelectorAll('ol');
  const newest = days?.[days.length - 1]?.lastElementChild?.querySelector('parley-message');
  return newest?.shadowRoot?.querySelector('.text')?.textContent === text;
}

/** Remembers where the wire stands. @returns what passed since */
function mark(wire: Relay): () => { requests: number; kilobytes: number } {
  const count = (): { requests: number; bytes: number } => {
    let requests = 0;
    let bytes = 0;
    for (const { sent, received } of wire.recordings) {
      requests +=
        Buffer.concat(sent)
          .toString('latin1')
          .split(/^(?:GET|POST|OPTIONS) \//m).length - 1;
      for (const chunk of received) bytes += chunk.length;
    }
    return { requests, bytes };
  };
  const before = count();
  return () => {
    const now = count();
    return {
      requests: now.requests - before.requests,
      kilobytes: (now.bytes - before.bytes) / 1024,
    };
  };
}

function median(scenes: readonly Scene[]): Scene {
  const middle = (key: keyof Scene): number => {
    const values = scenes.map((scene) => scene[key]).sort((one, other) => one - other);
    return values[Math.floor(values.length / 2)] ?? NaN;
  };
  return Object.fromEntries(
    (Object.keys(units) as (keyof Scene)[]).map((key) => [key, middle(key)]),
  ) as unknown as Scene;
}

/** @param floor the page without us, in the same run */
function figuresOf(what: string, scene: Scene, floor: Scene | null): Figure[] {
  return (Object.keys(units) as (keyof Scene)[]).map((key) => ({
    name: `page: ${names[key]}, ${what}`,
    value: scene[key],
    unit: units[key],
    floor: floor?.[key] ?? null,
    budget: budgetOf(key, what, floor),
  }));
}

function budgetOf(key: keyof Scene, what: string, floor: Scene | null): number | null {
  if (floor === null) return null;
  if (key === 'scriptMs') return what === 'launcher' ? budgets.scriptMs + floor.scriptMs : null;
  if (key === 'layoutShift') return floor.layoutShift;
  return key === 'longestTaskMs' || key === 'longestTaskCpuMs'
    ? Math.max(budgets.longestTaskMs, floor[key])
    : null;
}
