/** Voice and video between two origins through Janus, which relays what it cannot see or hear. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answer,
  call,
  hears,
  likeness,
  over,
  pictureOf,
  received,
  safetyCode,
  seesVideo,
} from '../fixtures/calls.js';
import { eavesdrop } from '../fixtures/eavesdropper.js';
import { janusProgram } from '../fixtures/janus.js';
import { lastRoom, listRooms } from '../fixtures/janus-rooms.js';
import { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';

describe.skipIf(janusProgram === null)('calls', () => {
  let world: World;
  let ada: Person;
  let ben: Person;

  beforeAll(async () => {
    world = await World.create({ janus: 'watched' });
    ({ ada, ben } = await world.twoPeople());
    await ada.send('may I call?');
    await ben.openConversation(/ada/i);
    await ben.sees('may I call?');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const rooms = () => listRooms(world.janus!.process.port, world.janus!.process.apiSecret);

  it('a voice call: it rings, both hear each other, hanging up frees the room', async () => {
    await call(ada, false);
    await ben.button('Answer').first().waitFor();
    await answer(ben, false);
    await Promise.all([hears(ada), hears(ben)]);
    expect((await received(ben.page)).video).toBe(0);
    expect((await rooms()).some((room) => room.num_participants === 2)).toBe(true);
    await ada.button('Hang up').click();
    await Promise.all([over(ada), over(ben)]);
    await expect.poll(rooms, { timeout: 10_000 }).toEqual([]);
  });

  it('a video call: both see each other and the same safety code', async () => {
    await call(ada, true);
    await ben
      .button(/^Answer/)
      .first()
      .waitFor();
    await answer(ben, true);
    await Promise.all([seesVideo(ada), seesVideo(ben), hears(ada), hears(ben)]);
    expect(await safetyCode(ada)).toBe(await safetyCode(ben));
  });

  it('somebody in the room without keys gets frames and can make nothing of them', async () => {
    const door = lastRoom(world.janus!.wire);
    expect(door).not.toBeNull();
    const context = await world.browser('mallory');
    const page = await context.newPage();
    const { port, apiSecret } = world.janus!.process;
    const access = { url: `ws://127.0.0.1:${String(port)}`, apiSecret, ...door! };
    const overheard = await eavesdrop(page, access, 5_000);
    await world.closeBrowser('mallory');
    expect(overheard.frames).toBeGreaterThan(50);
    // Both cameras are Chromium's test picture: those who have the keys see the same.
    const [seen, alsoSeen] = [await pictureOf(ada), await pictureOf(ben)];
    expect(likeness(seen, alsoSeen)).toBeGreaterThan(0.8);
    for (const picture of overheard.pictures) expect(likeness(picture, seen)).toBeLessThan(0.4);
  });

  it('hanging up on the other side frees the room too', async () => {
    await ben.button('Hang up').click();
    await Promise.all([over(ada), over(ben)]);
    await expect.poll(rooms, { timeout: 10_000 }).toEqual([]);
  });

  it('a declined call says so', async () => {
    await call(ben, false);
    await ada.button('Decline').click();
    await ben.chat
      .getByText(/declined/i)
      .first()
      .waitFor();
    await over(ben);
    await ada.field.waitFor();
    await expect.poll(rooms, { timeout: 10_000 }).toEqual([]);
  });

  it('a caller who changes their mind stops the ringing', async () => {
    await call(ada, true);
    await ben.button('Decline').waitFor();
    // Meanwhile she sees herself.
    const own = ada.chat.locator('parley-self-view video');
    await expect
      .poll(() => own.evaluate((video) => (video as HTMLVideoElement).videoWidth))
      .toBeGreaterThan(0);
    await ada.button('Cancel call').click();
    await ben.button('Decline').waitFor({ state: 'detached' });
    await ben.chat
      .getByText(/Missed video call/)
      .first()
      .waitFor();
    await over(ada);
  });

  it('somebody in another call is busy', async () => {
    const site = await world.site('market.localhost');
    const cyd = await Person.visit(await world.browser('cyd'), site.url, 'cyd');
    await cyd.claim('Cyd');
    await cyd.writeTo(ben.address);
    await cyd.send('hello ben');
    await call(ada, false);
    await answer(ben, false);
    await hears(ben);
    await call(cyd, false);
    await cyd.chat
      .getByText(/in another call|busy/i)
      .first()
      .waitFor();
    await ada.button('Hang up').click();
    await Promise.all([over(ada), over(ben)]);
    await world.closeBrowser('cyd');
  });

  it('a call to three tabs is one call: answered in any of them, it rings in none', async () => {
    const tabs = [ben];
    for (let index = 1; index < 3; index += 1) {
      const tab = await Person.visit(ben.page.context(), ben.page.url(), 'ben');
      await tab.open();
      tabs.push(tab);
    }
    await call(ada, false);
    const second = tabs[1]!;
    for (const tab of tabs) await tab.button('Decline').waitFor();
    await second.page.bringToFront();
    await answer(second, false);
    await Promise.all([hears(ada), hears(second)]);
    for (const tab of tabs) await tab.button('Decline').waitFor({ state: 'detached' });
    await ada.button('Hang up').click();
    await over(ada);
    await expect.poll(rooms, { timeout: 10_000 }).toEqual([]);
    for (const tab of tabs.slice(1)) await tab.page.close();
    await ben.page.bringToFront();
    await over(ben);
  });

  it('a call that nobody answers ends by itself, and is missed', { timeout: 90_000 }, async () => {
    await call(ada, false);
    await ben.button('Decline').waitFor();
    await ada.chat.getByText('No answer').first().waitFor({ timeout: 60_000 });
    await ben.button('Decline').waitFor({ state: 'detached' });
    await ben.chat
      .getByText(/Missed call/)
      .first()
      .waitFor();
    await expect.poll(rooms, { timeout: 10_000 }).toEqual([]);
  });
});
