/** Voice and video between two origins through Janus, which relays what it cannot see or hear. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, call, hears, received, safetyCode, seesVideo } from '../fixtures/calls.js';
import { eavesdrop } from '../fixtures/eavesdropper.js';
import { janusProgram } from '../fixtures/janus.js';
import { lastRoom, listRooms } from '../fixtures/janus-rooms.js';
import type { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';

describe.skipIf(janusProgram === null)('calls', () => {
  let world: World;
  let ada: Person;
  let bo: Person;

  beforeAll(async () => {
    world = await World.create({ janus: 'watched' });
    ({ ada, bo } = await world.twoPeople());
    await ada.send('may I call?');
    await bo.openConversation(/ada/i);
    await bo.sees('may I call?');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const rooms = () => listRooms(world.janus!.process.port, world.janus!.process.apiSecret);

  async function over(person: Person): Promise<void> {
    await person.button('Hang up').waitFor({ state: 'detached' });
    const close = person.button('Close').last();
    if (await close.isVisible().catch(() => false)) await close.click();
    await person.field.waitFor();
  }

  it('a voice call: it rings, both hear each other, hanging up frees the room', async () => {
    await call(ada, false);
    await bo.button('Answer').first().waitFor();
    await answer(bo, false);
    await Promise.all([hears(ada), hears(bo)]);
    expect((await received(bo.page)).video).toBe(0);
    expect((await rooms()).some((room) => room.num_participants === 2)).toBe(true);
    await ada.button('Hang up').click();
    await Promise.all([over(ada), over(bo)]);
    await expect.poll(rooms, { timeout: 10_000 }).toEqual([]);
  });

  it('a video call: both see each other and the same safety code', async () => {
    await call(ada, true);
    await bo
      .button(/^Answer/)
      .first()
      .waitFor();
    await answer(bo, true);
    await Promise.all([seesVideo(ada), seesVideo(bo), hears(ada), hears(bo)]);
    expect(await safetyCode(ada)).toBe(await safetyCode(bo));
  });

  it('somebody in the room without keys gets frames and can make nothing of them', async () => {
    const door = lastRoom(world.janus!.wire);
    expect(door).not.toBeNull();
    const context = await world.browser('mallory');
    const page = await context.newPage();
    await page.goto(`${world.origin}/healthz`);
    const { port, apiSecret } = world.janus!.process;
    const access = { url: `ws://127.0.0.1:${String(port)}`, apiSecret, ...door! };
    const overheard = await eavesdrop(page, access, 5_000);
    await world.closeBrowser('mallory');
    expect(overheard.frames).toBeGreaterThan(50);
    expect(overheard.videoFramesDecoded).toBe(0);
  });

  it('hanging up on the other side frees the room too', async () => {
    await bo.button('Hang up').click();
    await Promise.all([over(ada), over(bo)]);
    await expect.poll(rooms, { timeout: 10_000 }).toEqual([]);
  });

  it('a declined call says so', async () => {
    await call(bo, false);
    await ada.button('Decline').click();
    await bo.chat
      .getByText(/declined/i)
      .first()
      .waitFor();
    await over(bo);
    await ada.field.waitFor();
    await expect.poll(rooms, { timeout: 10_000 }).toEqual([]);
  });

  it('a caller who changes their mind stops the ringing', async () => {
    await call(ada, true);
    await bo.button('Decline').waitFor();
    await ada.button('Cancel call').click();
    await bo.button('Decline').waitFor({ state: 'detached' });
    await bo.chat
      .getByText(/Missed video call/)
      .first()
      .waitFor();
    await over(ada);
  });

  it('somebody in another call is busy', async () => {
    const site = await world.site('market.localhost');
    const { Person: Visitor } = await import('../fixtures/person.js');
    const cy = await Visitor.visit(await world.browser('cy'), site.url, 'cy');
    await cy.claim('Cy');
    await cy.writeTo(bo.address);
    await cy.send('hello bo');
    await call(ada, false);
    await answer(bo, false);
    await hears(bo);
    await call(cy, false);
    await cy.chat
      .getByText(/in another call|busy/i)
      .first()
      .waitFor();
    await ada.button('Hang up').click();
    await Promise.all([over(ada), over(bo)]);
    await world.closeBrowser('cy');
  });

  it('a call that nobody answers ends by itself, and is missed', { timeout: 90_000 }, async () => {
    await call(ada, false);
    await bo.button('Decline').waitFor();
    await ada.chat.getByText('No answer').first().waitFor({ timeout: 60_000 });
    await bo.button('Decline').waitFor({ state: 'detached' });
    await bo.chat
      .getByText(/Missed call/)
      .first()
      .waitFor();
    await expect.poll(rooms, { timeout: 10_000 }).toEqual([]);
  });
});
