import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConversationId, MessageId } from '../core/ids.js';
import {
  ProblemError,
  type Client,
  type ClientEvent,
  type ClientSnapshot,
  type Command,
  type CommandResult,
  type Message,
} from '../core/snapshot.js';
import { ClientController, retryMs, unreadOnPageMax } from './client-controller.js';
import { windowMessagesMax } from './message-window.js';
import { perFrameMax } from './pace.js';

const conversationId = 'c' as ConversationId;

class Host implements ReactiveControllerHost {
  readonly updateComplete = Promise.resolve(true);
  drawn = 0;
  addController(_controller: ReactiveController): void {
    this.drawn = 0;
  }
  removeController(): void {
    this.drawn = 0;
  }
  requestUpdate(): void {
    this.drawn += 1;
  }
}

const message = (order: number): Message => ({
  id: `m${String(order)}` as MessageId,
  conversationId,
  order,
  at: order,
  author: 'peer',
  status: 'stored',
  body: { type: 'text', text: String(order) },
});

/** A client whose log has holes, as a real one has: commits take places too. */
class LogClient implements Client {
  readonly log = Array.from({ length: 600 }, (_, index) => message(index * 3 + 1));
  snapshot = {
    conversations: [{ id: conversationId, last: this.log.at(-1), unread: 2, readUpTo: 1790 }],
  } as unknown as ClientSnapshot;
  listener: ((event: ClientEvent) => void) | null = null;
  failure: Error | null = null;

  subscribe(listener: (event: ClientEvent) => void, signal: AbortSignal): void {
    this.listener = listener;
    signal.addEventListener('abort', () => {
      this.listener = null;
    });
  }

  async run<Type extends Command['type']>(command: Command): Promise<CommandResult<Type>> {
    if (this.failure) throw this.failure;
    if (command.type !== 'history') return null as CommandResult<Type>;
    const { before = Infinity, after, limit } = command;
    const found = this.log.filter(({ order }) => order < before && order > (after ?? -Infinity));
    const messages = after === undefined ? found.slice(-limit) : found.slice(0, limit);
    const answer = { messages, more: found.length > limit };
    return Promise.resolve(answer as CommandResult<Type>);
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the client controller', () => {
  let client: LogClient;
  let controller: ClientController;
  let host: Host;

  beforeEach(async () => {
    client = new LogClient();
    host = new Host();
    controller = new ClientController(host);
    controller.hostConnected();
    controller.attach(client);
    controller.openThread(conversationId);
    await settled();
  });

  const orders = (): number[] => controller.thread?.messages.map(({ order }) => order) ?? [];

  it('opens at the newest page and keeps where the unread began', () => {
    expect(orders()).toHaveLength(50);
    expect(orders().at(-1)).toBe(1798);
    expect(controller.thread).toMatchObject({ hasOlder: true, hasNewer: false, unreadAfter: 1790 });
  });

  const reopen = async (part: { unread: number; readUpTo: number }): Promise<void> => {
    const [open] = client.snapshot.conversations;
    if (!open) throw new Error('no conversation');
    const snapshot = { ...client.snapshot, conversations: [{ ...open, ...part }] };
    client.listener?.({ type: 'snapshot', snapshot });
    controller.closeThread();
    controller.openThread(conversationId);
    await settled();
  };

  it('opens at the newest page, where that holds the beginning of what is unread', async () => {
    await reopen({ unread: unreadOnPageMax, readUpTo: 1678 });
    expect(orders().at(-1)).toBe(1798);
    expect(orders().filter((order) => order <= 1678)).toHaveLength(10);
  });

  it('opens where what is unread begins, where there is more of it', async () => {
    await reopen({ unread: unreadOnPageMax + 1, readUpTo: 1675 });
    expect(controller.thread).toMatchObject({ hasOlder: true, hasNewer: true, unreadCount: 41 });
    expect(orders()).toHaveLength(50);
    expect(orders()[0]).toBeLessThanOrEqual(1675);
    expect(orders().at(-1)).toBeGreaterThan(1675);
    while (controller.thread?.hasNewer) await controller.loadNewer();
    expect(orders().at(-1)).toBe(1798);
  });

  it('reaches the end past what waits to be sent far behind it', async () => {
    client.log.push({ ...message(2 ** 40 + 1), author: 'self', status: 'failed' });
    await reopen({ unread: 300, readUpTo: 898 });
    while (controller.thread?.hasNewer) await controller.loadNewer();
    expect(orders().slice(-2)).toEqual([1798, 2 ** 40 + 1]);
  });

  it('opens at the newest page, where what is unread begins after a long stretch without lines', async () => {
    client.log.splice(0, 500);
    await reopen({ unread: 100, readUpTo: 0 });
    expect(orders()).toHaveLength(50);
    expect(orders().at(-1)).toBe(1798);
  });

  it('shows nothing before the page is there, and then also what came meanwhile', async () => {
    controller.closeThread();
    controller.openThread(conversationId);
    client.listener?.({ type: 'messages', conversationId, messages: [message(1801)], removed: [] });
    expect(orders()).toEqual([]);
    await settled();
    expect(orders().at(-1)).toBe(1801);
    expect(orders()).toHaveLength(51);
  });

  it('walks to the first message and back to the last without a hole', async () => {
    const seen = new Set(orders());
    controller.follow(false);
    while (controller.thread?.hasOlder) {
      await controller.loadOlder();
      orders().forEach((order) => seen.add(order));
    }
    expect(orders()[0]).toBe(1);
    expect(orders()).toHaveLength(windowMessagesMax);
    while (controller.thread?.hasNewer) {
      await controller.loadNewer();
      const gaps = orders().filter(
        (order, index) => index > 0 && order - (orders()[index - 1] ?? 0) !== 3,
      );
      expect(gaps).toEqual([]);
    }
    expect(orders().at(-1)).toBe(1798);
    expect(seen.size).toBe(600);
  });

  it('takes what happens in the open conversation, and only that', () => {
    client.listener?.({ type: 'messages', conversationId, messages: [message(1801)], removed: [] });
    expect(orders().at(-1)).toBe(1801);
    const other = 'other' as ConversationId;
    client.listener?.({
      type: 'messages',
      conversationId: other,
      messages: [message(1804)],
      removed: [],
    });
    expect(orders().at(-1)).toBe(1801);
  });

  it('draws what came at once over several frames', async () => {
    const messages = Array.from({ length: 40 }, (_, index) => message(1801 + 3 * index));
    client.listener?.({ type: 'messages', conversationId, messages, removed: [] });
    expect(orders().at(-1)).toBe(1801 + 3 * (perFrameMax - 1));
    await vi.waitFor(() => {
      expect(orders().at(-1)).toBe(1801 + 3 * 39);
    });
    expect(orders().slice(-40)).toEqual(messages.map(({ order }) => order));
  });

  it('keeps what happened while a page was on its way that was read before', async () => {
    const { log } = client;
    const loading = controller.loadLatest();
    const [gone] = log.slice(-1);
    const removed = gone === undefined ? [] : [gone.id];
    client.listener?.({ type: 'messages', conversationId, messages: [message(1801)], removed });
    await loading;
    expect(orders().slice(-2)).toEqual([1795, 1801]);
  });

  it('holds what it ever does for whoever is at the end, and asks for no more', async () => {
    for (let page = 1; page < 4; page += 1) await controller.loadOlder();
    const held = orders();
    expect(held).toHaveLength(windowMessagesMax);
    const asked = controller.loadOlder();
    expect(controller.thread).toMatchObject({ loading: false, hasOlder: true, hasNewer: false });
    await asked;
    expect(orders()).toEqual(held);
  });

  it('shows the latest when asked while another page is on its way', async () => {
    controller.follow(false);
    while (!controller.thread?.hasNewer) await controller.loadOlder();
    const older = controller.loadOlder();
    await controller.loadLatest();
    await older;
    await settled();
    expect(orders().at(-1)).toBe(1798);
    expect(orders()).toHaveLength(50);
  });

  it('gives a problem instead of throwing', async () => {
    client.failure = new ProblemError({ code: 'too_many', retryAfterSeconds: 3 });
    expect(await controller.run({ type: 'reconnect' })).toEqual({
      ok: false,
      problem: { code: 'too_many', retryAfterSeconds: 3 },
    });
    client.failure = new Error('details that nobody should read');
    expect(await controller.run({ type: 'reconnect' })).toEqual({
      ok: false,
      problem: { code: 'internal' },
    });
  });

  it('asks again for a page that could not be read, and keeps what it holds', async () => {
    client.failure = new Error('busy');
    const held = orders();
    const older = controller.loadOlder();
    await settled();
    expect(controller.thread).toMatchObject({ loading: true, hasOlder: true });
    await older;
    expect(controller.thread).toMatchObject({ loading: false, hasOlder: true });
    expect(orders()).toEqual(held);
    client.failure = null;
    await controller.loadOlder();
    expect(orders()).toHaveLength(100);
  });

  it('asks again for the first page by itself', async () => {
    client.failure = new Error('busy');
    controller.closeThread();
    controller.openThread(conversationId);
    await settled();
    expect(orders()).toEqual([]);
    client.failure = null;
    await vi.waitFor(() => {
      expect(orders()).toHaveLength(50);
    }, 2 * retryMs);
  });

  it('takes no page that was asked for before the conversation was opened anew', async () => {
    const older = controller.loadOlder();
    controller.closeThread();
    controller.openThread(conversationId);
    await older;
    await settled();
    expect(orders()).toHaveLength(50);
    expect(orders().at(-1)).toBe(1798);
    expect(controller.thread).toMatchObject({ hasNewer: false, loading: false });
  });

  it('hears nothing after its host has left, and catches up when it comes back', async () => {
    controller.hostDisconnected();
    expect(client.listener).toBeNull();
    client.log.push(message(1801));
    controller.hostConnected();
    await settled();
    expect(orders().at(-1)).toBe(1801);
  });

  it('draws once a frame, however much happens, and never misses the last of it', async () => {
    const before = host.drawn;
    for (let count = 0; count < 1_000; count += 1)
      client.listener?.({ type: 'snapshot', snapshot: { ...client.snapshot, unread: count } });
    expect(host.drawn - before).toBe(1);
    expect(controller.snapshot?.unread).toBe(999);
    await vi.waitFor(() => {
      expect(host.drawn - before).toBe(2);
    });
  });
});
