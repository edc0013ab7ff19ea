/** Two people on two sites' pages find each other by address and write, across origins and under a strict policy. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';

const count = 200;

describe('two people on two origins, neither of them the server’s', () => {
  let world: World;
  let ada: Person;
  let ben: Person;

  beforeAll(async () => {
    world = await World.create();
    ({ ada, ben } = await world.twoPeople());
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('nothing was stored and nothing connected before the first click', async () => {
    const site = await world.site('visitor.localhost');
    const context = await world.browser('visitor');
    const page = await context.newPage();
    const seen = world.wire.recordings.length;
    await page.goto(site.url);
    await page.getByRole('button', { name: 'Open chat' }).waitFor();
    await page.waitForTimeout(1_000);
    const requests = world.wire.recordings
      .slice(seen)
      .map(({ sent }) => Buffer.concat(sent).toString('latin1'));
    expect(requests.join('')).not.toMatch(/\/trpc|upgrade: websocket/i);
    expect(await context.cookies()).toEqual([]);
    const stored = await page.evaluate(async () => ({
      local: localStorage.length,
      databases: (await indexedDB.databases()).length,
    }));
    expect(stored).toEqual({ local: 0, databases: 0 });
    await world.closeBrowser('visitor');
  });

  it('the first message arrives, and the answer', async () => {
    await ada.send('Is the blue bowl still to be had?');
    await ben.openConversation(/ada/i);
    await ben.sees('Is the blue bowl still to be had?');
    await ben.send('It is. Shall I keep it for you?');
    await ada.sees('It is. Shall I keep it for you?');
  });

  it(
    `${String(count)} messages each way at once: in order, none twice, none lost`,
    { timeout: 300_000 },
    async () => {
      const write = async (person: Person) => {
        for (let index = 1; index <= count; index += 1)
          await person.send(`${person.handle} ${String(index)}`);
      };
      await Promise.all([write(ada), write(ben)]);
      await Promise.all(
        [ada, ben].flatMap((person) =>
          ['ada', 'ben'].map((name) => person.sees(`${name} ${String(count)}`, 60_000)),
        ),
      );
      for (const [reader, own, other] of [
        [ada, 'ada', 'ben'],
        [ben, 'ben', 'ada'],
      ] as const) {
        const lines = await reader.readAll();
        const expected = (name: string) =>
          Array.from({ length: count }, (_, index) => `${name} ${String(index + 1)}`);
        const said = (mine: boolean) =>
          lines
            .filter((line) => line.own === mine && /^\w+ \d+$/.test(line.text))
            .map(({ text }) => text);
        expect(said(true)).toEqual(expected(own));
        expect(said(false)).toEqual(expected(other));
      }
    },
  );

  it('both see the same order', async () => {
    const [first, second] = await Promise.all([ada.readAll(), ben.readAll()]);
    expect(first.map(({ text }) => text)).toEqual(second.map(({ text }) => text));
  });

  it('the pages had nothing to complain about', () => {
    ada.expectNoComplaints();
    ben.expectNoComplaints();
  });
});
