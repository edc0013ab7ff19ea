/** A core of a few lines with a real database: enough to see whether every command is done, and only once. */
import { openDB } from 'idb';
import type { ConversationId, MessageId } from '../../../core/ids.js';
import {
  ProblemError,
  type Client,
  type ClientEvent,
  type Command,
  type Message,
} from '../../../core/snapshot.js';
import type { CoreOptions } from '../../engine/host.js';
import { startingSnapshot } from '../starting-snapshot.js';

/** Between storing and answering: where a closing owner hurts most. */
const answerDelayMs = 40;

export async function createScriptedCore({ place, media }: CoreOptions): Promise<Client> {
  const database = await openDB(`scripted ${place.site}`, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('messages', { autoIncrement: true }).createIndex('id', 'id');
    },
  });
  const listeners = new Set<(event: ClientEvent) => void>();
  const emit = (event: ClientEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const all = async (): Promise<Message[]> => (await database.getAll('messages')) as Message[];

  const send = async (
    id: MessageId,
    conversationId: ConversationId,
    text: string,
  ): Promise<unknown> => {
    const transaction = database.transaction('messages', 'readwrite');
    const known: unknown = await transaction.store.index('id').get(id);
    if (known === undefined) {
      const order = (await transaction.store.count()) + 1;
      const message: Message = {
        id,
        conversationId,
        order,
        at: Date.now(),
        author: 'self',
        status: 'stored',
        body: { type: 'text', text },
      };
      await transaction.store.add(message);
      await transaction.done;
      emit({ type: 'messages', conversationId, messages: [message], removed: [] });
      emit({ type: 'arrived', conversationId, message });
    }
    await new Promise((resolve) => setTimeout(resolve, answerDelayMs));
    return { messageId: id };
  };

  const run = async (command: Command): Promise<unknown> => {
    if (command.type === 'send_text' && command.messageId !== undefined)
      return send(command.messageId, command.conversationId, command.text);
    if (command.type === 'history') return { messages: await all(), more: false };
    if (command.type === 'check_handle')
      throw new ProblemError({ code: 'too_many', retryAfterSeconds: 7 });
    if (command.type === 'start_call') return media.supported();
    // A while later the core closes by itself, as when another engine has opened its database.
    if (command.type === 'sign_out') {
      const snapshot = { ...startingSnapshot, phase: 'closed', connection: 'offline' } as const;
      setTimeout(() => {
        emit({ type: 'snapshot', snapshot });
      }, answerDelayMs);
      return null;
    }
    throw new ProblemError({ code: 'internal' });
  };

  return {
    snapshot: {
      ...startingSnapshot,
      phase: 'ready',
      connection: 'online',
      unread: (await all()).length,
    },
    subscribe(listener, signal) {
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener));
    },
    run: run as Client['run'],
    close() {
      database.close();
      return Promise.resolve();
    },
  };
}
