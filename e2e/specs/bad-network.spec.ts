/** Networks that stop, die without a word, drop one direction, are late, or let no WebSocket through: the page says what
 * is so while nothing works, goes on by itself, and nothing is lost or shown twice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveClock } from '../fixtures/clock.js';
import { Person } from '../fixtures/person.js';
import type { Relay } from '../fixtures/relay.js';
import { World } from '../fixtures/world.js';

const dayMs = 24 * 3_600_000;

describe('a bad network', () => {
  let world: World;
  let ada: Person;
  let ben: Person;
  /** Has not chosen a handle yet, and is connected all the same. */
  let visitor: Person;
  const lines: Record<string, Relay> = {};
  const line = (person: Person): Relay => lines[person.handle]!;
  const said: string[] = [];

  beforeAll(async () => {
    world = await World.create();
    for (const name of ['ada', 'ben', 'visitor']) lines[name] = await world.line(name);
    const two = world.twoPeople();
    const site = await world.site('visitor.localhost');
    const browser = await world.browser('visitor');
    ({ ada, ben } = await two);
    visitor = await Person.visit(browser, site.url, 'visitor');
    await visitor.open();
    await say(ada, 'before everything');
    await ben.openConversation(/ada/i);
    await ben.sees('before everything');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const say = async (person: Person, text: string): Promise<void> => {
    said.push(text);
    await person.send(text);
  };
  /** Each writes, and each reads what the other wrote. */
  const bothWays = async (title: string): Promise<void> => {
    await say(ada, `${title}, ada`);
    await ben.sees(`${title}, ada`, 60_000);
    await say(ben, `${title}, ben`);
    await ada.sees(`${title}, ben`, 60_000);
  };
  const banner = (person: Person) => person.chat.getByText(/^(No connection|Connecting)/).first();
  const noBanner = (person: Person) => banner(person).waitFor({ state: 'hidden', timeout: 60_000 });

  it('stops for seconds: it says so, and what was written is sent when it is back', async () => {
    for (const person of [ada, ben]) line(person).down();
    for (const person of [ada, ben]) await banner(person).waitFor();
    await say(ada, 'written without a network');
    await ada.sees('written without a network');
    for (const person of [ada, ben]) line(person).up();
    await ben.sees('written without a network', 60_000);
    await bothWays('after seconds');
    for (const person of [ada, ben]) await noBanner(person);
  });

  it('stops for a day', async () => {
    line(ada).down();
    await banner(ada).waitFor();
    await say(ben, 'on the next day');
    for (const person of [ada, ben]) await moveClock(person.page.context(), dayMs);
    line(ada).up();
    await ada.sees('on the next day', 60_000);
    await bothWays('after a day');
    await noBanner(ada);
  });

  it('dies without a word, in both directions or one: noticed within 30 seconds', async () => {
    line(ada).pause('sent', 'received');
    line(ben).pause('received');
    line(visitor).pause('sent');
    const people = [ada, ben, visitor];
    await Promise.all(people.map((person) => banner(person).waitFor({ timeout: 30_000 })));
    for (const person of people) line(person).resume();
    await Promise.all(people.map(noBanner));
    await bothWays('after the silence');
  });

  it('is late', async () => {
    for (const person of [ada, ben]) line(person).delayMs = 300;
    const texts = Array.from({ length: 5 }, (_, index) => `late ${String(index)}`);
    for (const text of texts) await say(ada, text);
    await ben.sees('late 4', 60_000);
    await bothWays('late');
    for (const person of [ada, ben]) line(person).delayMs = 0;
  });

  it('lets no WebSocket through: requests and server-sent events take over by themselves', async () => {
    line(ada).upgrades = 'refuse';
    line(ben).upgrades = 'hang';
    for (const person of [ada, ben]) {
      line(person).recordings.length = 0;
      line(person).cut();
    }
    await bothWays('without WebSockets');
    for (const person of [ada, ben]) {
      await noBanner(person);
      const sent = line(person).recordings.flatMap((recording) => recording.sent);
      expect(Buffer.concat(sent).toString('latin1')).toMatch(/accept: text\/event-stream/i);
    }
  });

  it('has lost nothing and repeated nothing, and no page had a complaint', async () => {
    const [atAda, atBen] = [await ada.readAll(), await ben.readAll()];
    const texts = (read: { text: string }[]): string[] =>
      read.flatMap(({ text }) => (said.includes(text) ? [text] : []));
    expect(texts(atAda)).toEqual(texts(atBen));
    expect(texts(atAda).sort()).toEqual([...said].sort());
    for (const person of [ada, ben, visitor]) person.expectNoComplaints();
  });
});
