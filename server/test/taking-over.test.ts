/** One device has one client at work: what happens when another run of it begins. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { closeCodes } from '../src/connection.js';
import type { LiveEvent } from '../src/events/contract.js';
import { limits } from '../src/limits.js';
import type { Site } from '../src/sites/service.js';
import { listen, type EventLog, type TestConnection } from './client.js';
import { logIn, makeId, signUp } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

let server: TestServer;
let shop: Site;

beforeEach(async () => {
  server = await startServer();
  shop = await server.createSite('shop.example');
});
afterEach(() => server.close());

describe('another run of the client of a device', () => {
  const isSubscribed = (log: EventLog): boolean => log.all[0]?.type === 'subscribed';
  const isReplaced = ({ type }: LiveEvent): boolean => type === 'replaced';

  async function scene() {
    const { connection, session } = await signUp(server.visit(shop), shop, 'ada');
    const older = await listen(connection, makeId());
    const closed = once(connection.socket() as WebSocket, 'close') as Promise<[number]>;
    const another = () => server.visit(shop, { session: session.token });
    return { connection, older, closed, another };
  }

  test('begins when the one before has gone, and what that one still sends is taken', async () => {
    const { connection, older, another } = await scene();
    let begun = false;
    const newer = listen(another(), makeId()).then((log) => {
      begun = true;
      return log;
    });
    await older.next(isReplaced);
    await connection.api.devices.list.query();
    expect(begun).toBe(false);
    await connection.close();
    expect(isSubscribed(await newer)).toBe(true);
  });

  test('waits no longer than a bound for one that does not go, and it is sent away', async () => {
    const { older, closed, another } = await scene();
    const startedAt = performance.now();
    const newer = await listen(another(), makeId());
    expect(performance.now() - startedAt).toBeGreaterThan(limits.giveWayMs - 50);
    expect(isSubscribed(newer)).toBe(true);
    expect((await closed)[0]).toBe(closeCodes.replaced);
    expect(older.all.filter(isReplaced)).toHaveLength(1);
  });

  test('and yet another at the same time: one is left', async () => {
    const { connection, older, another } = await scene();
    const goWhenReplaced = async (page: TestConnection, log: EventLog): Promise<void> => {
      await log.next(isReplaced);
      await page.close();
    };
    const pages = [another(), another(), another()];
    const gone = [goWhenReplaced(connection, older)];
    const logs = await Promise.all(pages.map((page) => listen(page, makeId())));
    const replaced = logs.map((log) => log.all.some(isReplaced));
    for (const [index, log] of logs.entries())
      if (replaced[index]) gone.push(goWhenReplaced(pages[index] as TestConnection, log));
    await Promise.all(gone);
    expect(replaced.filter((is) => !is)).toHaveLength(1);
    const left = pages[replaced.indexOf(false)] as TestConnection;
    await left.api.devices.list.query();
    expect(logs.every(isSubscribed)).toBe(true);
  });

  test('that only comes back is no other', async () => {
    const { person, device } = await signUp(server.visit(shop), shop, 'ada');
    const instance = makeId();
    const pages = [server.visit(shop), server.visit(shop)];
    const logs: EventLog[] = [];
    for (const page of pages) {
      await logIn(page, person, device);
      logs.push(await listen(page, instance));
    }
    expect(logs.flatMap(({ all }) => all)).toEqual([
      { type: 'subscribed' },
      { type: 'subscribed' },
    ]);
  });
});
