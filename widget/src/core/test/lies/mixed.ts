/** Lies that can be told together, at any moment and for any time: each is one of the tables', without its story. */
import { randomBytes } from '../../bytes.js';
import type { Envelope, Head } from '../../transport/contract.js';
import { Repeated, type Lies, type Question } from './proxy.js';
import { isMessage, onEnvelopes } from './stage.js';

export interface Circumstances {
  random: () => number;
  /** The device that is lied to. */
  device: Envelope['senderDevice'];
  /** Its conversations. */
  conversations: readonly Head['conversationId'][];
}

type Telling = (circumstances: Circumstances) => Lies;

/** A lie about some of the envelopes, each time the same about one. */
const aboutSome =
  (change: (envelope: Envelope, circumstances: Circumstances) => Envelope): Telling =>
  (circumstances) => {
    const chosen = new Map<string, boolean>();
    return onEnvelopes((envelope) => {
      const isChosen = chosen.get(envelope.id) ?? circumstances.random() < 0.4;
      chosen.set(envelope.id, isChosen);
      return [isChosen ? change(envelope, circumstances) : envelope];
    });
  };

const answering =
  (path: string, change: (data: never, circumstances: Circumstances) => unknown): Telling =>
  (circumstances) => ({
    answer: (question, data) =>
      question.path === path && circumstances.random() < 0.6
        ? change(data as never, circumstances)
        : data,
  });

const refusing =
  (path: string, ...errors: string[]): Telling =>
  ({ random }) => ({
    instead: (question) =>
      question.path === path && random() < 0.5
        ? { error: errors[Math.floor(random() * errors.length)] ?? 'internal' }
        : undefined,
  });

export const mixable: Record<string, Telling> = {
  'envelopes come three times': () => ({ event: (event) => [event, event, event] }),
  'envelopes are not told of': ({ random }) => ({
    event: (event) => (isMessage(event) && random() < 0.5 ? [] : [event]),
  }),
  'envelopes change places': () => {
    let held: unknown[] = [];
    return {
      event: (event) => {
        held.push(event);
        if (held.length < 2) return [];
        const both = held.reverse();
        held = [];
        return both;
      },
    };
  },
  'messages are altered': aboutSome((envelope) => ({
    ...envelope,
    ciphertext: envelope.ciphertext?.map((byte, at) => (at === 90 ? byte ^ 1 : byte)) ?? null,
  })),
  'messages are kept no longer': aboutSome((envelope) => ({ ...envelope, ciphertext: null })),
  'envelopes have another id': aboutSome((envelope) => ({
    ...envelope,
    id: `${envelope.id.slice(0, 20)}xA` as Envelope['id'],
  })),
  'envelopes have another date and epoch': aboutSome((envelope) => ({
    ...envelope,
    epoch: envelope.epoch + 2,
    storedAt: 1_000,
  })),
  'envelopes are one’s own': aboutSome((envelope, { device }) => ({
    ...envelope,
    senderDevice: device,
  })),
  'messages are commits': aboutSome((envelope) => ({ ...envelope, kind: 'commit' })),
  'commits are messages': aboutSome((envelope) => ({ ...envelope, kind: 'message' })),
  'messages are of another conversation': ({ conversations, random }) => ({
    event: (event) =>
      isMessage(event) && random() < 0.5
        ? [{ ...event, conversationId: conversations.find((id) => id !== event.conversationId) }]
        : [event],
  }),
  'what is sent stands elsewhere': answering('conversations.send', (sent: object, { random }) => ({
    ...sent,
    seq: 1 + Math.floor(random() * 12),
  })),
  'what is sent stands far behind': answering('conversations.send', (sent: object) => ({
    ...sent,
    seq: 2 ** 39,
  })),
  'what is sent is thrown away': ({ random }) => ({
    instead: ({ path }) =>
      path === 'conversations.send' && random() < 0.4
        ? { data: { seq: 1 + Math.floor(random() * 20), storedAt: Date.now() } }
        : undefined,
  }),
  'what is sent gets no answer': answering('conversations.send', () => new Repeated([])),
  'what is sent is refused': refusing(
    'conversations.send',
    'epoch_stale',
    'too_many',
    'unavailable',
    'out_of_turn',
  ),
  'commits come too late': refusing('conversations.commit', 'epoch_conflict', 'unavailable'),
  'the state to join by is none': answering('conversations.groupInfo', (info: object) => ({
    ...info,
    groupInfo: randomBytes(300),
  })),
  'pulls bring everything twice': answering(
    'conversations.pull',
    (page: { entries: unknown[] }) => ({ ...page, entries: [...page.entries, ...page.entries] }),
  ),
  'pulls bring nothing': answering('conversations.pull', (page: object) => ({
    ...page,
    entries: [],
  })),
  'heads are lower, or higher': answering(
    'conversations.heads',
    ({ heads }: { heads: Head[] }, { random }) => ({
      heads: heads.map((head) => ({ ...head, head: Math.floor(head.head * 2 * random()) })),
      more: false,
    }),
  ),
  'answers make no sense': ({ random }) => ({
    answer: ({ path }, data) =>
      path.startsWith('conversations.') && random() < 0.3
        ? new Repeated([{ nonsense: true }])
        : data,
  }),
};

/** All of them at once: each hears what the one before it has made of the truth. */
export function together(lies: readonly Lies[]): Lies {
  return {
    instead: (question: Question) => {
      for (const lie of lies) {
        const said = lie.instead?.(question);
        if (said !== undefined) return said;
      }
      return undefined;
    },
    answer: (question, data) =>
      lies.reduce<unknown>(
        (told, lie) => (told instanceof Repeated ? told : (lie.answer?.(question, told) ?? told)),
        data,
      ),
    event: (event) =>
      lies.reduce<unknown[]>(
        (told, lie) => told.flatMap((one) => lie.event?.(one as typeof event) ?? [one]),
        [event],
      ),
  };
}
