/** Two who write on and on, and what they must agree on at the end. */
import { expect } from 'vitest';
import type { ClientEvent, ConversationId, Message } from '../../index.js';
import { lyingTransport } from '../hostile.js';
import { claim, transportOf, until, type Person } from '../person.js';
import type { ServerProcess } from '../server-process.js';

/** Messages that may wait at each side. */
const waitingMax = 12;

/** A person, and the place in the log that the server gave to each of their messages. */
export interface Writer {
  person: Person;
  said: string[];
  acknowledged: Map<string, number>;
  /** What of theirs their client knows to be in the log: an acknowledgement may be lost with the server. */
  stored: Set<string>;
}

/** Somebody whose every acknowledgement is written down as it comes off the wire.
 * @param serverUrl another way to the server. */
export async function makeWriter(
  name: string,
  server: ServerProcess,
  serverUrl = server.url,
): Promise<Writer> {
  const acknowledged = new Map<string, number>();
  const site = name === 'asha' ? server.bazaar : server.garden;
  const transport = lyingTransport(transportOf(server, site, { serverUrl }), {
    procedures: (honest) => ({
      async send(input) {
        const sent = await honest.send(input);
        acknowledged.set(input.id, sent.seq);
        return sent;
      },
    }),
  });
  const person = await claim(name, { server, site, transport });
  const stored = new Set<string>();
  const take = (event: ClientEvent): void => {
    if (event.type !== 'messages') return;
    for (const { id, author, status, body } of event.messages)
      if (author === 'self' && status === 'stored' && body.type === 'text') stored.add(id);
  };
  person.client.subscribe(take, new AbortController().signal);
  return { person, said: [], acknowledged, stored };
}

/** Writes until told to stop; what waits is bounded, so that a dead server is waited for.
 * @param pauseMs between two messages. */
export async function write(
  { person, said, stored }: Writer,
  conversation: ConversationId,
  { signal, pauseMs }: { signal: AbortSignal; pauseMs: number },
): Promise<void> {
  while (!signal.aborted) {
    if (said.length - stored.size < waitingMax) {
      const text = `${String(said.length)} of ${person.site.domain}`;
      said.push(text);
      await person.say(conversation, text);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** What both must agree on: the identity, the place and the words of every message. */
const essence = ({ id, order, body }: Message): string =>
  JSON.stringify([id, order, body.type === 'text' ? body.text : body.type]);

const isText = ({ body }: Message): boolean => body.type === 'text';

/** Every text is at both, once, at one place; and each acknowledged one at the place that was acknowledged. */
export async function expectAgreement(
  [asha, bo]: [Writer, Writer],
  conversation: ConversationId,
): Promise<void> {
  const total = asha.said.length + bo.said.length;
  const texts = async ({ person }: Writer): Promise<Message[]> =>
    (await person.history(conversation)).filter(isText);
  // Whoever reads a whole history at every look keeps it from growing.
  await until(
    'what was said is stored',
    () => [asha, bo].every(({ said, stored }) => stored.size >= said.length),
    120_000,
  );
  for (const writer of [asha, bo]) {
    await until(
      'all is there and stored',
      async () => {
        const messages = await texts(writer);
        return messages.length >= total && messages.every(({ status }) => status !== 'sending');
      },
      60_000,
    );
  }
  const [left, right] = [await texts(asha), await texts(bo)];
  expect(left.map(essence)).toEqual(right.map(essence));
  const words = left.map(({ body }) => (body.type === 'text' ? body.text : ''));
  expect([...words].sort()).toEqual([...asha.said, ...bo.said].sort());
  // Each side's own words in the order in which they were written.
  for (const { said, person } of [asha, bo])
    expect(words.filter((text) => text.endsWith(` of ${person.site.domain}`))).toEqual(said);
  const places = new Map(left.map(({ id, order }) => [id as string, order]));
  for (const { acknowledged } of [asha, bo])
    for (const [id, seq] of acknowledged) expect([id, places.get(id)]).toEqual([id, seq]);
  const strange = [
    ...(await asha.person.history(conversation)),
    ...(await bo.person.history(conversation)),
  ];
  expect(strange.filter(({ body }) => body.type === 'undecryptable')).toEqual([]);
}
