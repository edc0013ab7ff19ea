/** What life does to calls: Janus goes, hangs, is slow; the server goes; the people go. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fullRounds } from '../../../scripts/rounds.js';
import { answer, call, cameBack, connectionsMade, over, seesVideo } from '../../fixtures/calls.js';
import { janusProgram, startJanus } from '../../fixtures/janus.js';
import { listRooms } from '../../fixtures/janus-rooms.js';
import type { Person } from '../../fixtures/person.js';
import { World, type WatchedJanus } from '../../fixtures/world.js';

describe.skipIf(janusProgram === null)('a call', { timeout: 120_000 }, () => {
  let world: World;
  let janus: WatchedJanus;
  let ada: Person;
  let ben: Person;

  beforeAll(async () => {
    world = await World.create({ janus: 'watched' });
    if (world.janus === null) throw new Error('no Janus');
    janus = world.janus;
    ({ ada, ben } = await world.twoPeople());
    await ada.send('may I call?');
    await ben.openConversation(/ada/i);
    await ben.sees('may I call?');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const rooms = () => listRooms(janus.process.port, janus.process.apiSecret);
  const noRooms = (timeout: number) => expect.poll(rooms, { timeout, interval: 500 }).toEqual([]);

  async function talk(): Promise<void> {
    await call(ada, true);
    await ben.button('Answer with video').waitFor();
    await answer(ben, true);
    await Promise.all([seesVideo(ada), seesVideo(ben)]);
  }

  async function hangUp(): Promise<void> {
    await ada.button('Hang up').click();
    await Promise.all([over(ada), over(ben)]);
  }

  /** Waits until both see each other through other connections than before. */
  async function comesBack(disturb: () => Promise<void> | void): Promise<void> {
    const before = await Promise.all([ada, ben].map(({ page }) => connectionsMade(page)));
    await disturb();
    await Promise.all([ada, ben].map((person, index) => cameBack(person, before[index] ?? 0)));
  }

  async function restartJanus(): Promise<void> {
    const { apiSecret } = janus.process;
    janus.process = await startJanus(`${world.folder}/janus`, apiSecret);
    janus.wire.retarget(janus.process.port);
  }

  const health = async () => ({
    alive: (await fetch(`${world.server.url}/healthz`)).ok,
    ready: (await (await fetch(`${world.server.url}/readyz`)).json()) as { janus?: string },
  });

  it('comes back by itself when the socket to Janus is cut, and when Janus dies', async () => {
    await talk();
    await comesBack(() => {
      janus.wire.cut();
    });
    await comesBack(async () => {
      await janus.process.child.stop('SIGKILL');
      expect(await health()).toMatchObject({ alive: true });
      await restartJanus();
    });
    await hangUp();
    await noRooms(10_000);
  });

  it('works with a Janus that takes its time', async () => {
    janus.wire.delayMs = 150;
    await talk();
    await hangUp();
    janus.wire.delayMs = 0;
    await noRooms(30_000);
  });

  it('is not made without a Janus, and is as soon as there is one, for whoever came meanwhile', async () => {
    await janus.process.child.stop('SIGKILL');
    await expect.poll(async () => (await health()).ready.janus, { timeout: 30_000 }).not.toBe('ok');
    await ada.page.reload();
    await ada.openConversation(/ben/i);
    await call(ada, true);
    await ada.chat.getByText('Calls do not work on this server right now').waitFor();
    await ada.button('Done').click();
    await restartJanus();
    await world.server.offersCalls();
    await talk();
    await hangUp();
    await noRooms(30_000);
  });

  it.runIf(fullRounds)('outlives a Janus that hangs for a while, and chat goes on', async () => {
    await talk();
    process.kill(janus.process.child.pid, 'SIGSTOP');
    await expect.poll(async () => (await health()).ready.janus, { timeout: 30_000 }).not.toBe('ok');
    expect((await health()).alive).toBe(true);
    process.kill(janus.process.child.pid, 'SIGCONT');
    await world.server.offersCalls();
    // Back, or at an end with a sentence: either way the next one works.
    const hang = ada.button('Hang up');
    await hang.click({ timeout: 5_000 }).catch(() => undefined);
    await Promise.all([over(ada), over(ben)]);
    await ada.send('still here');
    await ben.sees('still here');
    await talk();
    await hangUp();
    await noRooms(30_000);
  });

  it('is over for both when the server is killed, and its room is swept; the next one works', async () => {
    await talk();
    await world.server.crash();
    await world.server.begin();
    await Promise.all([over(ada), over(ben)]);
    await noRooms(30_000);
    await world.server.offersCalls();
    await ada.send('and now?');
    await ben.sees('and now?');
    await talk();
  });

  it('whose people are both killed leaves no room within a minute', async () => {
    await Promise.all([world.killBrowser('ada'), world.killBrowser('ben')]);
    await noRooms(60_000);
    expect(await health()).toMatchObject({ alive: true, ready: { janus: 'ok' } });
  });
});
