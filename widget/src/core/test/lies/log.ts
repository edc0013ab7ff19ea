/** Lies about the log: envelopes replayed, reordered, left out, altered, moved, and dated wrongly. */
import { expect } from 'vitest';
import { systemClock } from '../../client/ports.js';
import type { Clock } from '../../index.js';
import type { Envelope, LiveEvent } from '../../transport/contract.js';
import { open, until } from '../person.js';
import { hasTexts } from '../world.js';
import {
  isMessage,
  isStored,
  onEnvelopes,
  problemOf,
  recordOf,
  rowsOf,
  showed,
  type Lie,
  type Stage,
} from './stage.js';

const greetings = ['hello Bo', 'hello Asha'];
const dayMs = 24 * 3_600_000;
const ahead = (ms: number): Clock => ({ ...systemClock, now: () => Date.now() + ms });

/** Remembers what comes first, and puts it in the place of whatever is chosen later: no place of the log is empty. */
function replacing(choose: (envelope: Envelope) => boolean) {
  let first: Envelope | undefined;
  return onEnvelopes((envelope) => {
    first ??= envelope;
    return [choose(envelope) ? { ...first, seq: envelope.seq } : envelope];
  });
}

const flipped = (bytes: Uint8Array | null): Uint8Array | null =>
  bytes && bytes.map((byte, index) => (index === bytes.length - 5 ? byte ^ 1 : byte));

/** Changes the first message that comes from now on, live and pulled alike: what Bo has may still come once more, late. */
async function changeFirst(
  { proxy, bo, conversation }: Stage,
  change: (envelope: Envelope) => Envelope,
): Promise<void> {
  const { cursor } = await recordOf(bo, conversation);
  let chosen: string | undefined;
  proxy.lies = onEnvelopes((envelope) => {
    if (envelope.kind === 'message' && envelope.seq > cursor) chosen ??= envelope.id;
    return [envelope.id === chosen ? change(envelope) : envelope];
  });
}

async function says(stage: Stage, ...texts: string[]): Promise<void> {
  for (const text of texts) await stage.asha.say(stage.conversation, text);
}

const arrives = (stage: Stage, ...texts: string[]): Promise<void> =>
  until(`Bo has ${texts.join(', ')}, in this order`, () =>
    hasTexts(stage.bo, stage.conversation, [...greetings, ...texts]),
  );

const showedPlace = ({ bo }: Stage): boolean =>
  bo.events.some(
    (event) =>
      event.type === 'messages' &&
      event.messages.some(({ body }) => body.type === 'undecryptable' && body.pending),
  );

export const logLies: Lie[] = [
  {
    name: 'each envelope is told of three times',
    sees: { harmless: 'MLS opens nothing twice, and the cursor passes what is known' },
    async tell(stage) {
      stage.proxy.lies = { event: (event) => [event, event, event] };
      await says(stage, 'once');
      await arrives(stage, 'once');
    },
  },
  {
    name: 'an old message stands in the place of a new one',
    sees: { place: 'pending' },
    async tell(stage) {
      let count = 0;
      stage.proxy.lies = replacing((envelope) => envelope.kind === 'message' && (count += 1) === 2);
      await says(stage, 'before', 'left out', 'after');
      await until('the gap shows', () => showedPlace(stage));
      // Asked for again, it stands where its sender said it.
      await arrives(stage, 'before', 'left out', 'after');
    },
  },
  {
    name: 'a message is left out, and its repetition too',
    sees: { place: 'lost' },
    async tell(stage) {
      let count = 0;
      stage.proxy.lies = replacing(({ kind, senderDevice }) => {
        if (kind !== 'message' || senderDevice !== stage.asha.client.snapshot.self?.deviceId)
          return false;
        count += 1;
        return count === 2 || count > 3;
      });
      await says(stage, 'before', 'left out', 'after');
      await until('the gap shows', () => showedPlace(stage));
      await until('all of it has come', () => count > 3);
      const later = stage.world.keep(await stage.bo.reload({ clock: ahead(dayMs + 1_000) }));
      await until('it is given up', async () =>
        (await rowsOf(later, stage.conversation)).some(
          ({ body }) => body.type === 'undecryptable' && !body.pending,
        ),
      );
      return later;
    },
  },
  {
    name: 'two messages change places',
    sees: { harmless: 'they are shown in the order of their sender' },
    async tell(stage) {
      const held: Extract<LiveEvent, { type: 'envelope' }>[] = [];
      stage.proxy.lies = {
        event: (event) => {
          if (!isMessage(event)) return [event];
          held.push(event);
          const [first, second] = held;
          if (first === undefined || second === undefined) return [];
          if (held.length > 2) return [event];
          const at = (one: typeof first, { envelope: { seq } }: typeof first) => ({
            ...one,
            envelope: { ...one.envelope, seq },
          });
          return [at(second, first), at(first, second)];
        },
      };
      await says(stage, 'first', 'second');
      await arrives(stage, 'first', 'second');
    },
  },
  {
    name: 'a message is not told of live',
    sees: { harmless: 'the gap in the log is pulled' },
    async tell(stage) {
      let count = 0;
      stage.proxy.lies = {
        event: (event) => (isMessage(event) && (count += 1) === 1 ? [] : [event]),
      };
      await says(stage, 'not told', 'told');
      await arrives(stage, 'not told', 'told');
    },
  },
  {
    name: 'the newest message is withheld',
    sees: { harmless: 'nobody can know, until anything comes after it' },
    async tell(stage) {
      let isWithheld = false;
      stage.proxy.lies = {
        event: (event) => {
          isWithheld ||= isMessage(event);
          return isMessage(event) ? [] : [event];
        },
      };
      await says(stage, 'withheld');
      await until('it is withheld', () => isWithheld);
      stage.proxy.lies = {};
      await says(stage, 'after it');
      await arrives(stage, 'withheld', 'after it');
    },
  },
  {
    name: 'a message is altered',
    sees: { place: 'pending' },
    async tell(stage) {
      await changeFirst(stage, (envelope) => ({
        ...envelope,
        ciphertext: flipped(envelope.ciphertext),
      }));
      await says(stage, 'altered', 'untouched');
      await until('it is told of', () => showedPlace(stage));
      await arrives(stage, 'altered', 'untouched');
    },
  },
  {
    name: 'an envelope bears another id',
    sees: { harmless: 'the id inside the encryption counts' },
    async tell(stage) {
      const id = `${'x'.repeat(21)}A` as Envelope['id'];
      await changeFirst(stage, (envelope) => ({ ...envelope, id }));
      await says(stage, 'under another name', 'untouched');
      await arrives(stage, 'under another name', 'untouched');
    },
  },
  {
    name: 'an envelope bears the id of an earlier message',
    sees: { harmless: 'the id inside the encryption counts' },
    async tell(stage) {
      const [first] = (await rowsOf(stage.bo, stage.conversation)).filter(
        ({ body }) => body.type === 'text',
      );
      await changeFirst(stage, (envelope) => ({
        ...envelope,
        id: first?.id ?? envelope.id,
      }));
      await says(stage, 'under a known name', 'untouched');
      await arrives(stage, 'under a known name', 'untouched');
    },
  },
  {
    name: 'an envelope bears another epoch, sender and date',
    sees: { harmless: 'who spoke and when is said inside' },
    async tell(stage) {
      const senderDevice = `${'y'.repeat(21)}A` as Envelope['senderDevice'];
      await changeFirst(stage, (envelope) => ({
        ...envelope,
        senderDevice,
        epoch: 0,
        storedAt: 1_000,
      }));
      const before = Date.now();
      await says(stage, 'dated wrongly', 'untouched');
      await arrives(stage, 'dated wrongly', 'untouched');
      const row = (await rowsOf(stage.bo, stage.conversation)).find(
        ({ body }) => body.type === 'text' && body.text === 'dated wrongly',
      );
      expect(row?.author).toBe('peer');
      expect(Math.abs((row?.at ?? 0) - before)).toBeLessThan(60_000);
    },
  },
  {
    name: 'messages are dated a year ahead',
    sees: { harmless: 'nothing is shown of the future' },
    async tell(stage) {
      stage.proxy.lies = onEnvelopes((envelope) => [
        { ...envelope, storedAt: envelope.storedAt + 365 * dayMs },
      ]);
      await says(stage, 'from the future');
      await arrives(stage, 'from the future');
      const rows = await rowsOf(stage.bo, stage.conversation);
      expect(Math.max(...rows.map(({ at }) => at))).toBeLessThanOrEqual(Date.now() + 60_000);
    },
  },
  {
    name: 'a message is said to be one’s own',
    sees: { notice: 'copied' },
    async tell(stage) {
      const own = stage.bo.client.snapshot.self?.deviceId;
      await changeFirst(stage, (envelope) => ({
        ...envelope,
        senderDevice: own ?? envelope.senderDevice,
      }));
      await says(stage, 'claimed', 'untouched');
      await until('both are there', async () => {
        const texts = await stage.bo.texts(stage.conversation);
        return texts.includes('untouched') && texts.includes('claimed');
      });
    },
  },
  {
    name: 'a message is said to be a commit',
    sees: { notice: 'rejoined' },
    async tell(stage) {
      await changeFirst(stage, (envelope) => ({ ...envelope, kind: 'commit' }));
      await says(stage, 'disguised', 'untouched');
      await until('both are there', async () => {
        const texts = await stage.bo.texts(stage.conversation);
        return texts.includes('untouched') && texts.includes('disguised');
      });
    },
  },
  {
    name: 'a message is said to be kept no longer',
    sees: { notice: 'gap' },
    async tell(stage) {
      await changeFirst(stage, (envelope) => ({ ...envelope, ciphertext: null }));
      await says(stage, 'said to be gone', 'untouched');
      await arrives(stage, 'untouched');
    },
  },
  {
    name: 'a message is moved to another conversation',
    sees: { place: 'pending' },
    async tell(stage) {
      const carol = await stage.world.somebody('carol');
      const withCarol = await open(stage.bo, carol);
      await stage.bo.say(withCarol, 'hello Carol');
      await until('Carol is greeted', () => hasTexts(carol, withCarol, ['hello Carol']));
      await until(
        'Bo has it from the log',
        async () => (await recordOf(stage.bo, withCarol)).cursor === 1,
      );
      stage.proxy.lies = {
        event: (event) =>
          isMessage(event) && event.conversationId === stage.conversation
            ? [{ ...event, conversationId: withCarol, envelope: { ...event.envelope, seq: 2 } }]
            : [event],
      };
      await says(stage, 'not for Carol');
      await until('it is told of there', async () =>
        (await rowsOf(stage.bo, withCarol)).some(({ body }) => body.type === 'undecryptable'),
      );
      expect(await stage.bo.texts(withCarol)).toEqual(['hello Carol']);
    },
  },
  {
    name: 'a message that was taken is not kept',
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      let taken = 0;
      const { cursor: at } = await recordOf(stage.bo, stage.conversation);
      stage.proxy.lies = {
        instead: ({ path }) => {
          if (path !== 'conversations.send' || taken > 0) return undefined;
          taken += 1;
          return { data: { seq: at + 1, storedAt: Date.now() } };
        },
      };
      await stage.bo.say(stage.conversation, 'thrown away');
      await until('it is taken', () => taken > 0);
      await stage.bo.say(stage.conversation, 'kept');
      await until('two have one place', () => showed(stage.bo, 'answer_malformed'));
      await until('what was thrown away can be said again', async () =>
        (await rowsOf(stage.bo, stage.conversation)).some(
          ({ body, status }) =>
            body.type === 'text' && body.text === 'thrown away' && status === 'failed',
        ),
      );
      await stage.goesOn();
      expect(await stage.asha.texts(stage.conversation)).toContain('kept');
    },
  },
  {
    name: 'a pull never comes to its end',
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      stage.proxy.lies = {
        answer: ({ path }, data) => {
          if (path === 'conversations.pull') return { entries: [], head: 1_000 };
          if (path !== 'conversations.heads') return data;
          const page = data as { heads: { head: number }[] };
          return { ...page, heads: page.heads.map((head) => ({ ...head, head: 1_000 })) };
        },
      };
      const again = await stage.again();
      await until('it is told of', () => showed(again, 'answer_malformed'));
      stage.proxy.lies = {};
      stage.proxy.cut();
      await again.client.run<'reconnect'>({ type: 'reconnect' });
      await until('it is over', () => problemOf(again) === undefined);
      return again;
    },
  },
  {
    name: 'a pull leaves out an entry, or names one twice',
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      stage.proxy.lies = {
        event: (event) => (isMessage(event) ? [] : [event]),
        answer: ({ path }, data) => {
          if (path !== 'conversations.pull') return data;
          const page = data as { entries: Envelope[] };
          return { ...page, entries: page.entries.flatMap((entry) => [entry, entry]) };
        },
      };
      await says(stage, 'told twice');
      // Or it is not there yet when he asks, and is not told of afterwards.
      await isStored(stage.asha, stage.conversation);
      const again = await stage.again();
      await until('it is told of', () => showed(again, 'answer_malformed'));
      return again;
    },
  },
];
