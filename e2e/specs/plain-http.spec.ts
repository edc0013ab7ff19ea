/** A page without WebCrypto (plain http on a host name that is not local): open with a warning where the site allows it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';

const hosts = 'MAP *.test 127.0.0.1';

describe('plain http', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.create();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('where the site allows it, people chat, under a standing warning and without calls', async () => {
    const site = await world.site('shop.test', { insecureAllowed: true });
    const secure = await world.site('bazaar.localhost');
    const ada = await Person.visit(await world.browser('ada', { hosts }), site.url, 'ada');
    expect(await ada.page.evaluate(() => 'subtle' in crypto && crypto.subtle)).toBeFalsy();
    const ben = await Person.visit(await world.browser('ben'), secure.url, 'ben');
    await Promise.all([ada.claim(), ben.claim()]);
    await ada.chat
      .getByText(/Less protected/)
      .first()
      .waitFor();
    await ada.writeTo(ben.address);
    await ada.send('over plain http');
    await ben.openConversation(/ada/i);
    await ben.sees('over plain http');
    await ben.send('and back');
    await ada.sees('and back');
    await ada.chat
      .getByText(/Less protected/)
      .first()
      .waitFor();
    await ada.button('Voice call').click();
    await ada.chat.getByText('Calls need a page opened over https').first().waitFor();
    ada.expectNoComplaints();
  });

  it('where the site does not allow it, one sentence says why it stays closed', async () => {
    const site = await world.site('strict.test');
    const cyd = await Person.visit(await world.browser('cyd', { hosts }), site.url, 'cyd');
    await cyd.open();
    await cyd.chat.getByText(/not opened over https/).waitFor();
    expect(await cyd.chat.getByLabel('Handle', { exact: true }).count()).toBe(0);
  });
});
