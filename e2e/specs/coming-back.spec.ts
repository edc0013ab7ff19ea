/** A reload, a closed and reopened browser, a stopped and a crashed server: nothing is lost, and what came meanwhile arrives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';

describe('coming back', () => {
  let world: World;
  let ada: Person;
  let ben: Person;
  let url: string;

  beforeAll(async () => {
    world = await World.create();
    ({ ada, ben } = await world.twoPeople());
    url = ben.page.url();
    await ada.send('before everything');
    await ben.openConversation(/ada/i);
    await ben.sees('before everything');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('after a reload the conversation and its history are there', async () => {
    await ben.page.reload();
    await ben.open();
    await ben.openConversation(/ada/i);
    await ben.sees('before everything');
    await ben.send('after my reload');
    await ada.sees('after my reload');
  });

  it('what was written while the page was closed arrives, counted as unread', async () => {
    await ben.close();
    await ben.page.goto('about:blank');
    await ada.send('one while you were away');
    await ada.send('two while you were away');
    await ben.page.goto(url);
    await ben.button(/2 unread/).waitFor();
    await ben.open();
    await ben.openConversation(/ada/i);
    await ben.sees('two while you were away');
  });

  it('a closed and reopened browser goes on where it was', async () => {
    await world.closeBrowser('ben');
    await ada.send('while your browser was closed');
    ben = await Person.visit(await world.browser('ben'), url, 'ben');
    await ben.button(/1 unread/).waitFor();
    await ben.open();
    await ben.openConversation(/ada/i);
    for (const text of ['before everything', 'after my reload', 'while your browser was closed'])
      await ben.sees(text);
    await ben.send('reopened');
    await ada.sees('reopened');
  });

  it('what was read stays read', async () => {
    await ben.close();
    await ben.page.reload();
    await ben.chat
      .getByRole('button', { name: /Open chat|Chat/ })
      .first()
      .waitFor();
    await ben.page.waitForTimeout(1_500);
    expect(await ben.button(/unread/).count()).toBe(0);
    await ben.open();
    await ben.openConversation(/ada/i);
    await ben.sees('reopened');
  });

  it('a restarted server: both reconnect by themselves, and what was written meanwhile is sent', async () => {
    expect(await world.server.end()).toBe(0);
    await ada.send('into the silence');
    await ben.send('from the silence');
    await ada.page.waitForTimeout(500);
    await world.server.begin();
    await ben.sees('into the silence', 60_000);
    await ada.sees('from the silence', 60_000);
  });

  it('a crashed server: nothing acknowledged is lost', async () => {
    const texts = Array.from(
      { length: 20 },
      (_, index) => `just before the crash ${String(index)}`,
    );
    for (const text of texts) await ada.send(text);
    await world.server.crash();
    await ada.page.waitForTimeout(500);
    await world.server.begin();
    await ben.sees(texts.at(-1) ?? '', 60_000);
    const seen = (await ben.readAll()).map(({ text }) => text);
    expect(seen.filter((text) => text.startsWith('just before'))).toEqual(texts);
  });

  it('a cut network in the middle of writing loses and repeats nothing', async () => {
    const texts = Array.from({ length: 30 }, (_, index) => `through a bad line ${String(index)}`);
    for (const [index, text] of texts.entries()) {
      await ben.send(text);
      if (index % 10 === 5) world.wire.cut();
    }
    await ada.sees(texts.at(-1) ?? '', 60_000);
    const seen = (await ada.readAll()).map(({ text }) => text);
    expect(seen.filter((text) => text.startsWith('through'))).toEqual(texts);
  });
});
