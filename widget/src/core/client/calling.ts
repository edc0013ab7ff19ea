/** Calls in the client: the state machine is loaded when the first call needs it, and hears everything in order. */
import type { Calls, CallView } from '../calls/index.js';
import type { MediaPort } from '../calls/media-port.js';
import { endRow, openRing, sayOfCall } from '../conversations/call-rows.js';
import type { Conversation } from '../conversations/conversation.js';
import type { Directory } from '../conversations/directory.js';
import { groupOf, type SpokenOfCall } from '../conversations/draft.js';
import { isTrusted } from '../conversations/trust.js';
import type { Context } from '../context.js';
import type { ConversationId } from '../ids.js';
import { exporter } from '../mls/index.js';
import { createSerial } from '../serial.js';
import { ProblemError } from '../snapshot.js';
import type { CallEvent } from '../transport/contract.js';
import { problemOf } from './problems.js';

export interface Calling {
  /** Runs on the loaded machine, after everything that it was given before.
   * @throws ProblemError `encryption_unsupported`: there is nothing to call with. */
  run<Result>(use: (calls: Calls) => Result): Promise<Result>;
  /** What members said of calls. */
  heard(conversationId: ConversationId, spoken: readonly Heard[]): void;
  /** What the server says of calls. */
  serverEvent(event: CallEvent): Promise<void>;
  /** Hears the latest invitations again: whoever reloads or changes tabs while it rings may still answer. */
  recall(): Promise<void>;
  /** Whether calls can be encrypted here. */
  readonly supported: ReturnType<MediaPort['supported']>;
}

/** A word about a call, and who said it. */
type Heard = Pick<SpokenOfCall, 'content'> & {
  sender: Pick<SpokenOfCall['sender'], 'address' | 'deviceId'>;
};

export interface CallingParts {
  context: Context;
  directory: () => Directory;
  media: MediaPort | null;
  onCall(call: CallView | null): void;
  /** Brings this device into a group again. */
  catchUp(conversation: Conversation): Promise<void>;
  /** Something waits in a conversation's outbox. */
  onQueued(conversationId: ConversationId): void;
}

export function createCalling(parts: CallingParts): Calling {
  const { context, media } = parts;
  const serial = createSerial();
  let loaded: Promise<Calls> | undefined;

  const load = async (port: MediaPort): Promise<Calls> => {
    const { createCalls } = await import('../calls/index.js');
    return createCalls({
      media: port,
      server: () => context.connection(),
      group: (conversationId) => callGroup(parts, conversationId),
      sendContent: async (conversationId, word) => {
        const conversation = parts.directory().get(conversationId);
        await conversation.change((draft) => sayOfCall(draft, word, context.time()));
        parts.onQueued(conversation.record.id);
      },
      clock: { now: () => context.time(), sleep: (ms, signal) => context.clock.sleep(ms, signal) },
      log: context.log,
      onCall: (call) => {
        parts.onCall(call);
        if (call?.phase === 'ended') void writeEnd(parts, call);
      },
      problemOf,
      signal: context.signal,
    });
  };
  const run: Calling['run'] = (use) =>
    serial.run(async () => {
      if (media === null) throw new ProblemError({ code: 'encryption_unsupported' });
      loaded ??= load(media);
      return use(await loaded);
    });

  const heard: Calling['heard'] = (conversationId, spoken) => {
    if (media === null) return;
    const { address: self } = context.identity();
    const tell = (calls: Calls): void => {
      for (const { content, sender } of spoken) {
        const { address, deviceId } = sender;
        calls.content(content, { conversationId, address, deviceId, isSelf: address === self });
      }
    };
    run(tell).catch((error: unknown) => {
      context.log('warn', 'call_content_lost', { code: problemOf(error).code });
    });
  };
  const supported = media?.supported() ?? Promise.resolve('unsupported' as const);

  return {
    run,
    heard,
    supported,
    async serverEvent(event) {
      if ((await supported) !== 'available') return;
      await run((calls) => {
        calls.serverEvent(event);
      });
    },
    async recall() {
      for (const { record } of parts.directory().all()) {
        const ring = await openRing(context.store, record);
        if (ring !== null) heard(record.id, [ring]);
      }
    },
  };
}

async function callGroup(
  { context, directory, catchUp }: CallingParts,
  conversationId: ConversationId,
) {
  const conversation = directory().named(conversationId);
  const read = () => conversation?.change((draft) => groupOf(draft));
  let group = await read();
  // No keys are made of a state that is not the group's.
  if (conversation?.record.state === 'out') {
    await catchUp(conversation);
    group = await read();
  }
  if (conversation?.record.state !== 'ready' || group == null) return null;
  if (!isTrusted(context, conversation.record.peer, group)) return null;
  const { epoch, ownLeafIndex, members } = group;
  return {
    epoch,
    ownLeafIndex,
    members,
    exporter: (use: { label: string; context: Uint8Array; length: number }) => exporter(group, use),
  };
}

/** What this device knows of the end, should the others never say it. Where they have, their word stands: it may come
 * just before the server's. */
async function writeEnd({ context, directory }: CallingParts, call: CallView): Promise<void> {
  const { id: callId, outcome = 'ended', activeSince } = call;
  const seconds = activeSince === undefined ? 0 : Math.round((context.time() - activeSince) / 1000);
  try {
    await directory()
      .find(call.conversationId)
      ?.change((draft) =>
        endRow(draft, { callId, outcome, seconds: Math.max(0, seconds), isSaid: false }),
      );
  } catch (error) {
    context.log('warn', 'call_row_lost', { code: problemOf(error).code });
  }
}
