/** The tabs' channel in a page whose other scripts post there: what is ours passes, nothing else does any harm. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Client, ClientSnapshot, Command } from '../../core/snapshot.js';
import { heardFromEngine, heardFromTab } from './heard.js';
import { channelName, type FromEngine, type FromTab } from './protocol.js';
import { serveTabs } from './serve-tabs.js';
import { startingSnapshot } from './starting-snapshot.js';
import { TabClient } from './tab-client.js';

const place = { server: 'http://server.test', site: 'heard' };
const snapshot: ClientSnapshot = { ...startingSnapshot, phase: 'ready', unread: 3 };

const ofTabs: FromTab[] = [
  { from: 'tab', type: 'hello', tab: 't' },
  { from: 'tab', type: 'run', tab: 't', id: 1, command: { type: 'reconnect' } },
  { from: 'tab', type: 'here', tab: 't' },
  { from: 'tab', type: 'bye', tab: 't' },
  { from: 'tab', type: 'ping', tab: 't' },
];
const ofEngines: FromEngine[] = [
  { from: 'engine', type: 'engine', term: 1, snapshot, announcer: null },
  { from: 'engine', type: 'event', term: 1, event: { type: 'snapshot', snapshot }, to: null },
  { from: 'engine', type: 'taken', term: 1, tab: 't', id: 1 },
  { from: 'engine', type: 'done', term: 1, tab: 't', id: 1, outcome: { ok: true, result: null } },
  { from: 'engine', type: 'announcer', term: 1, announcer: 't' },
  { from: 'engine', type: 'pong', term: 1, tab: 't' },
  { from: 'engine', type: 'closing', term: 1 },
  { from: 'engine', type: 'starting' },
];

it.each(ofTabs)('hears $type of a tab', (message) => {
  expect(heardFromTab(message)).toBe(message);
  expect(heardFromEngine(message)).toBeNull();
});

it.each(ofEngines)('hears $type of an engine', (message) => {
  expect(heardFromEngine(message)).toBe(message);
  expect(heardFromTab(message)).toBeNull();
});

it('takes none of these with a field missing or another in its place', () => {
  const odd = fc.constantFrom<unknown>(undefined, null, NaN, -1.5, '', 'x', [], {}, { type: 'x' });
  const torn = (all: readonly object[]) =>
    fc
      .tuple(fc.constantFrom(...all), odd)
      .chain(([message, value]) =>
        fc.constantFrom(...Object.keys(message)).map((key) => ({ ...message, [key]: value })),
      );
  const harmless = (message: unknown): void => {
    const heard = heardFromEngine(message);
    if (heard?.type === 'engine') expect(heard.snapshot.conversations).toBeInstanceOf(Array);
    if (heard !== null && heard.type !== 'starting')
      expect(heard.term).toSatisfy(Number.isSafeInteger);
    const tab = heardFromTab(message);
    if (tab !== null) expect(typeof tab.tab).toBe('string');
    if (tab?.type === 'run') expect(typeof tab.command.type).toBe('string');
  };
  fc.assert(fc.property(torn([...ofTabs, ...ofEngines]), harmless), { numRuns: 10_000 });
  fc.assert(fc.property(fc.anything(), harmless), { numRuns: 10_000 });
});

it('serves on after 20,000 foreign messages, and remembers no tabs that they invent', async () => {
  const closing = new AbortController();
  const asked: Command[] = [];
  const client = {
    snapshot,
    subscribe: () => undefined,
    run: (command: Command) => {
      asked.push(command);
      return new Promise(() => undefined);
    },
    close: () => Promise.resolve(),
  } as unknown as Client;
  const [tabs, engine, stranger] = [0, 1, 2].map(
    () => new BroadcastChannel(channelName(place)),
  ) as [BroadcastChannel, BroadcastChannel, BroadcastChannel];
  serveTabs({ client, channel: engine, place, owner: 'own', after: 0, signal: closing.signal });
  const errors: unknown[] = [];
  const onError = (event: ErrorEvent): void => {
    errors.push(event.message);
  };
  window.addEventListener('error', onError);
  for (let index = 0; index < 20_000; index += 1)
    stranger.postMessage(
      [
        { from: 'tab', type: 'here', tab: `invented ${String(index)}` },
        { from: 'tab', type: 'run', tab: 'invented', id: index, command: { type: 'history' } },
        { from: 'engine', type: 'engine', term: 9e15, snapshot: null },
        { from: 'tab' },
        index,
      ][index % 5],
    );
  const mine = new TabClient({
    tab: 'mine',
    channel: tabs,
    isLookedAt: () => false,
    speaks: () => true,
    onSilence: () => undefined,
    owns: () => true,
    takeOver: () => Promise.resolve(),
  });
  const seen = new Promise<ClientSnapshot>((resolve) => {
    mine.subscribe((event) => {
      if (event.type === 'snapshot') resolve(event.snapshot);
    }, closing.signal);
  });
  mine.greet();
  expect((await seen).unread).toBe(3);
  expect(asked.length).toBeLessThanOrEqual(1_000);
  const { held, pending } = await navigator.locks.query();
  expect([...(held ?? []), ...(pending ?? [])].length).toBeLessThan(110);
  expect(errors).toEqual([]);
  window.removeEventListener('error', onError);
  closing.abort();
  await mine.close();
  for (const channel of [engine, stranger]) channel.close();
});
