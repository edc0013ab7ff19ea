/** A server with the site `shop.example` and people on it, for the tests of one suite. */
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import type { Site } from '../src/sites/service.js';
import type { TestConnection } from './client.js';
import type { DatabaseFixture } from './databases.js';
import { signUp, type SignedIn } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

export interface Shop {
  server(): TestServer;
  site(): Site;
  /** A new connection that nobody is signed in on. */
  visit(): TestConnection;
  /** A new person, signed in. */
  somebody(): Promise<SignedIn>;
}

/** Starts before the suite's tests, closes after them, and sets the clock right after each. */
export function openShop(fixture: DatabaseFixture): Shop {
  let server: TestServer;
  let site: Site;
  let people = 0;
  beforeAll(async () => {
    server = await startServer(await fixture.place());
    site = await server.createSite('shop.example');
  });
  afterAll(() => server.close());
  afterEach(() => {
    vi.useRealTimers();
  });

  const visit = (): TestConnection => server.visit(site);
  return {
    server: () => server,
    site: () => site,
    visit,
    somebody() {
      people += 1;
      return signUp(visit(), site, `person_${String(people)}`);
    },
  };
}
