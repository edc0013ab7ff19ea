/** Tabs as frames of one origin: locks, channels, workers and the database are the browser's own. */
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ConversationId } from '../../core/ids.js';
import type { TabWindow } from './test/tab-page.js';

const conversationId = 'c' as ConversationId;
const patience = { timeout: 10_000, interval: 20 };
let site = '';
const open = new Set<HTMLIFrameElement>();

interface Tab {
  window: TabWindow;
  frame: HTMLIFrameElement;
}

/** Opens a tab; its window's name tells it the site, and us which one it is. */
async function openTab(name: string): Promise<Tab> {
  const frame = document.createElement('iframe');
  frame.name = `site=${site}&tab=${name}`;
  document.body.append(frame);
  open.add(frame);
  const script = frame.contentDocument?.createElement('script');
  if (script === undefined) throw new Error('no document');
  script.type = 'module';
  script.src = new URL('./test/tab-page.ts', import.meta.url).href;
  frame.contentDocument?.body.append(script);
  const window = frame.contentWindow as unknown as TabWindow;
  await vi.waitFor(() => {
    expect(window.client.snapshot.phase).toBe('ready');
  }, patience);
  return { window, frame };
}

/** As the browser does it: no farewell, everything gone at once. */
function closeTab({ frame }: Tab): void {
  open.delete(frame);
  frame.remove();
}

const send = (tab: Tab, text: string): Promise<unknown> =>
  tab.window.client.run<'send_text'>({ type: 'send_text', conversationId, text });

async function texts(tab: Tab): Promise<string[]> {
  const { messages } = await tab.window.client.run<'history'>({
    type: 'history',
    conversationId,
    limit: 100,
  });
  return messages.map(({ body }) => (body.type === 'text' ? body.text : ''));
}

async function storeSilently(id: string): Promise<void> {
  const database = await openDB(`scripted ${site}`);
  await database.add('messages', {
    id,
    conversationId,
    order: 1,
    body: { type: 'text', text: id },
  });
  database.close();
}

beforeEach(() => {
  site = crypto.randomUUID();
});
afterEach(() => {
  for (const frame of open) frame.remove();
  open.clear();
  indexedDB.deleteDatabase(`scripted ${site}`);
});

it('serves three tabs by one engine', async () => {
  const tabs = [await openTab('one'), await openTab('two'), await openTab('three')];
  await Promise.all(tabs.map((tab, index) => send(tab, `from ${String(index)}`)));
  for (const tab of tabs) expect((await texts(tab)).sort()).toEqual(['from 0', 'from 1', 'from 2']);
  const { held } = await navigator.locks.query();
  expect(held?.filter(({ name }) => name?.includes(`${site} engine`))).toHaveLength(1);
});

it('announces an arrival in exactly one tab, the one looked at last', async () => {
  const [one, two] = [await openTab('one'), await openTab('two')];
  two.window.client.attend();
  await vi.waitFor(() => {
    expect(two.window.client.announces).toBe(true);
  }, patience);
  await send(one, 'hello');
  await vi.waitFor(() => {
    expect(two.window.arrived).toHaveLength(1);
  }, patience);
  expect(one.window.arrived).toHaveLength(0);
  closeTab(two);
  await vi.waitFor(() => {
    expect(one.window.client.announces).toBe(true);
  }, patience);
});

it('loses nothing and doubles nothing when owner after owner is closed while everybody sends', async () => {
  const tabs = [await openTab('one'), await openTab('two'), await openTab('three')];
  const last = tabs[2] as Tab;
  const sent: Promise<unknown>[] = [];
  const expected: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    for (let count = 0; count < 10; count += 1) {
      const text = `${String(round)}-${String(count)}`;
      expected.push(text);
      sent.push(send(last, text));
    }
    // In the middle of it: some are stored and not answered, some not even taken.
    await new Promise((resolve) => setTimeout(resolve, 20));
    closeTab(tabs[round] as Tab);
  }
  await Promise.all(sent);
  expect((await texts(last)).sort()).toEqual(expected.sort());
});

it('tells a tab what the owner stored and could not tell any more', async () => {
  const [one, two] = [await openTab('one'), await openTab('two')];
  expect(await texts(two)).toEqual([]);
  const heard: string[] = [];
  two.window.client.subscribe((event) => {
    if (event.type === 'messages') heard.push(...event.messages.map(({ id }) => id));
  }, new AbortController().signal);
  // Stored behind the backs of all tabs, as by an engine that dies between storing and telling.
  await storeSilently('silent');
  closeTab(one);
  await vi.waitFor(() => {
    expect(heard).toContain('silent');
  }, patience);
});

it('hands the engine over to the tab that starts a call', async () => {
  const [, two] = [await openTab('one'), await openTab('two')];
  const command = { type: 'start_call', conversationId, video: false } as const;
  const answer = await (two.window.client.run as (command: object) => Promise<unknown>)(command);
  expect(answer).toBe(two.frame.name);
});

it('gives a problem of the engine to the tab that asked', async () => {
  const tab = await openTab('one');
  await expect(
    tab.window.client.run<'check_handle'>({ type: 'check_handle', handle: 'ada' }),
  ).rejects.toMatchObject({ problem: { code: 'too_many', retryAfterSeconds: 7 } });
});

it('goes to the next tab when the owner closes its client in good order', async () => {
  const [one, two] = [await openTab('one'), await openTab('two')];
  one.window.closeClient();
  await send(two, 'still here');
  expect(await texts(two)).toEqual(['still here']);
});

it('begins anew, and does not speak of it, when an engine has lost its store', async () => {
  const [one, two] = [await openTab('one'), await openTab('two')];
  await send(two, 'before');
  const phases = new Set<string>();
  for (const { window } of [one, two]) {
    window.client.subscribe((event) => {
      if (event.type === 'snapshot') phases.add(event.snapshot.phase);
    }, new AbortController().signal);
  }
  const term = two.window.client.term;
  await one.window.client.run<'sign_out'>({ type: 'sign_out' });
  await vi.waitFor(() => {
    expect(two.window.client.term).toBeGreaterThan(term);
  }, patience);
  await send(two, 'after');
  expect(await texts(one)).toEqual(['before', 'after']);
  expect([...phases]).toEqual(['ready']);
});
