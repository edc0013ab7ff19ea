/** A reload, a closed and reopened browser, a stopped and a crashed server: nothing is lost, and what came meanwhile arrives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';

describe('coming back', () => {
  let world: World;
  let ada: Person;
  let bo: Person;
  let url: string;

  beforeAll(async () => {
    world = await World.create();
    ({ ada, bo } = await world.twoPeople());
    url = bo.page.url();
    await ada.send('before everything');
    await bo.openConversation(/ada/i);
    await bo.sees('before everything');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('after a reload the conversation and its history are there', async () => {
    await bo.page.reload();
    await bo.open();
    await bo.openConversation(/ada/i);
    await bo.sees('before everything');
    await bo.send('after my reload');
    await ada.sees('after my reload');
  });

  it('what was written while the page was closed arrives, counted as unread', async () => {
    await bo.page.goto('about:blank');
    await ada.send('one while you were away');
    await ada.send('two while you were away');
    await bo.page.goto(url);
    await bo.button(/2 unread/).waitFor();
    await bo.open();
    await bo.openConversation(/ada/i);
    await bo.sees('two while you were away');
  });

  it('a closed and reopened browser goes on where it was', async () => {
    await world.closeBrowser('bo');
    await ada.send('while your browser was closed');
    bo = await Person.visit(await world.browser('bo'), url, 'bo');
    await bo.button(/1 unread/).waitFor();
    await bo.open();
    await bo.openConversation(/ada/i);
    for (const text of ['before everything', 'after my reload', 'while your browser was closed'])
      await bo.sees(text);
    await bo.send('reopened');
    await ada.sees('reopened');
  });

  it('what was read stays read', async () => {
    await bo.page.reload();
    await bo.chat
      .getByRole('button', { name: /Open chat|Chat/ })
      .first()
      .waitFor();
    await bo.page.waitForTimeout(1_500);
    expect(await bo.button(/unread/).count()).toBe(0);
    await bo.open();
    await bo.openConversation(/ada/i);
    await bo.sees('reopened');
  });

  it('a restarted server: both reconnect by themselves, and what was written meanwhile is sent', async () => {
    expect(await world.server.end()).toBe(0);
    await ada.send('into the silence');
    await bo.send('from the silence');
    await ada.page.waitForTimeout(500);
    await world.server.begin();
    await bo.sees('into the silence', 60_000);
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
    await bo.sees(texts.at(-1) ?? '', 60_000);
    const seen = (await bo.readAll()).map(({ text }) => text);
    expect(seen.filter((text) => text.startsWith('just before'))).toEqual(texts);
  });

  it('a cut network in the middle of writing loses and repeats nothing', async () => {
    const texts = Array.from({ length: 30 }, (_, index) => `through a bad line ${String(index)}`);
    for (const [index, text] of texts.entries()) {
      await bo.send(text);
      if (index % 10 === 5) world.wire.cut();
    }
    await ada.sees(texts.at(-1) ?? '', 60_000);
    const seen = (await ada.readAll()).map(({ text }) => text);
    expect(seen.filter((text) => text.startsWith('through'))).toEqual(texts);
  });
});
