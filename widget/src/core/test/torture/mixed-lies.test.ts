/** A server that tells two or three lies at once, whichever, whenever: what both see is true, or they are told. */
import { expect, test } from 'vitest';
import { en } from '../../../locales/en.js';
import { randomOf, rounds, seedFor } from '../../../../../scripts/rounds.js';
import type { ConversationId, NoticeCode } from '../../index.js';
import { hasty } from '../crashes.js';
import { mixable, together } from '../lies/mixed.js';
import { rowsOf, createStages } from '../lies/stage.js';
import { open, until, type Person } from '../person.js';
import { hasTexts } from '../world.js';

const seed = seedFor('mixed lies');
const mixes = rounds({ short: 2, full: 60 });
/** Messages of each while the lies are told. */
const messages = 12;

const { stage } = createStages();

/** Everything that somebody was told, and everything that went wrong behind it, has a name. */
function hasNames({ events, logged }: Person): void {
  for (const event of events) {
    const code = event.type === 'snapshot' ? event.snapshot.problem?.code : undefined;
    if (code === undefined) continue;
    expect(code).not.toBe('internal');
    expect(en.problems[code]).toMatch(/\S.{10,}/u);
  }
  expect(logged.filter((line) => line.includes('"internal"'))).toEqual([]);
}

/** What somebody sees of what the two said. */
async function wordsOf(person: Person, conversation: ConversationId) {
  const rows = await rowsOf(person, conversation);
  const texts = rows.flatMap(({ body, author, status }) =>
    body.type === 'text' ? [{ text: body.text, author, status }] : [],
  );
  const hasNotice = (notice: NoticeCode): boolean =>
    rows.some(({ body }) => body.type === 'notice' && body.notice === notice);
  const hasHole = rows.some(({ body }) => body.type === 'undecryptable');
  const isToldOfOrder = hasNotice('disordered');
  return { texts, isToldOfLoss: hasHole || hasNotice('gap'), isToldOfOrder };
}

interface Said {
  by: Person;
  to: Person;
  name: string;
  conversation: ConversationId;
  texts: string[];
}

/** Each text is at both, once and under its author's name; or who sent it is told that it was not sent; or who lacks it
 * that something is missing. */
async function isTrue({ by, to, name, conversation, texts }: Said): Promise<void> {
  await until(
    `what ${name} said is there, or both know`,
    async () => {
      const [own, theirs] = [await wordsOf(by, conversation), await wordsOf(to, conversation)];
      return texts.every((text) => {
        const sent = own.texts.find((row) => row.text === text);
        const isThere = theirs.texts.some((row) => row.text === text);
        return sent !== undefined && (isThere || sent.status === 'failed' || theirs.isToldOfLoss);
      });
    },
    40_000,
  );
  const [own, theirs] = [await wordsOf(by, conversation), await wordsOf(to, conversation)];
  for (const [rows, author] of [
    [own, 'self'],
    [theirs, 'peer'],
  ] as const) {
    const hers = rows.texts.filter(({ text }) => text.startsWith(`${name} `));
    expect(new Set(hers.map(({ text }) => text)).size).toBe(hers.length);
    expect(hers.filter((row) => row.author !== author || !texts.includes(row.text))).toEqual([]);
    // What was not sent waits at the end, to be sent again.
    const stored = hers.filter(({ status }) => status !== 'failed').map(({ text }) => text);
    if (!rows.isToldOfOrder) expect(stored).toEqual(texts.filter((text) => stored.includes(text)));
  }
}

async function mix(random: () => number): Promise<void> {
  const told = await stage({ bo: { clock: hasty } });
  const { proxy, asha, bo, conversation, world } = told;
  const carol = await world.somebody('carol');
  const withCarol = await open(bo, carol);
  await bo.say(withCarol, 'hello Carol');
  await until('Carol is greeted', () => hasTexts(carol, withCarol, ['hello Carol']));
  const device = bo.client.snapshot.self?.deviceId;
  if (device === undefined) throw new Error('nobody');
  const circumstances = { random, device, conversations: [conversation, withCarol] };
  const names = Object.keys(mixable)
    .map((name) => ({ name, at: random() }))
    .sort((one, other) => one.at - other.at)
    .slice(0, 2 + Math.floor(random() * 2));
  const lies = names.map(({ name }) => mixable[name]?.(circumstances) ?? {});
  const [from, till] = [names.map(() => random() * messages), names.map(() => random() * messages)];

  const said = { asha: [] as string[], bo: [] as string[], carol: [] as string[] };
  const people = { asha, bo, carol };
  const say = (name: keyof typeof said, at: number) => {
    const text = `${name} ${String(at)}`;
    said[name].push(text);
    return people[name].say(name === 'carol' ? withCarol : conversation, text);
  };
  for (let at = 0; at < messages; at += 1) {
    const isTold = (index: number): boolean =>
      at >= Math.min(from[index] ?? 0, till[index] ?? 0) - 1 &&
      at <= Math.max(from[index] ?? 0, till[index] ?? 0) + 1;
    proxy.lies = together(lies.filter((_lie, index) => isTold(index)));
    await say('asha', at);
    await say('bo', at);
    if (at % 3 === 0) await say('carol', at);
    if (random() < 0.15) proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, random() * 60));
  }
  proxy.lies = {};
  try {
    const later = await told.again();
    await told.goesOn(later);
    // What was left out shows with what comes after it.
    await say('carol', messages);
    await until('Bo hears Carol', async () =>
      (await later.texts(withCarol)).includes(`carol ${String(messages)}`),
    );
    await isTrue({ by: asha, to: later, name: 'asha', conversation, texts: said.asha });
    await isTrue({ by: later, to: asha, name: 'bo', conversation, texts: said.bo });
    await isTrue({
      by: carol,
      to: later,
      name: 'carol',
      conversation: withCarol,
      texts: said.carol,
    });
    for (const person of [asha, bo, later, carol]) hasNames(person);
  } catch (cause) {
    throw new Error(names.map(({ name }) => name).join('; '), { cause });
  } finally {
    await Promise.all([asha, told.bo, carol].map(({ client }) => client.close()));
  }
}

test(
  `lies mixed ${String(mixes)} times leave nobody with a wrong word, seed ${String(seed)}`,
  async () => {
    const random = randomOf(seed);
    for (let round = 0; round < mixes; round += 1) await mix(random);
  },
  mixes * 120_000,
);
