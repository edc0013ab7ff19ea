/** Taking what others need, with the limits of earnest: handles, and other people's key packages. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRateLimits } from '../src/rate-limits.js';
import type { Site } from '../src/sites/service.js';
import { refusal } from './client.js';
import { makeKeyPackages } from './key-packages.js';
import { logIn, signUp, type SignedIn } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

let server: TestServer;
let site: Site;
let ada: SignedIn;
let eve: SignedIn;
beforeAll(async () => {
  server = await startServer({ overrides: { rateLimits: createRateLimits() } });
  site = await server.createSite('shop.example');
  ada = await signUp(server.visit(site), site, 'ada');
  eve = await signUp(server.visit(site), site, 'eve');
});
afterAll(() => server.close());

test('one person takes twenty key packages of another in an hour, and the last resort remains', async () => {
  const made = await makeKeyPackages(ada.person, ada.device, 12);
  const { devices } = ada.connection.api;
  await devices.publish.mutate({ oneTime: made.slice(1), lastResort: made[0] });
  const { address } = ada.person;
  const take = async (): Promise<string> => {
    const [one] = await eve.connection.api.devices.claimKeyPackages.mutate({ address });
    return Buffer.from(one?.keyPackage ?? []).toString('base64');
  };
  const taken: string[] = [];
  for (let count = 0; count < 20; count += 1) taken.push(await take());
  expect((await refusal(take())).code).toBe('too_many');
  // Eleven that were meant for one, and then the one that is meant for everybody.
  expect(new Set(taken.slice(0, 11)).size).toBe(11);
  expect(new Set(taken.slice(11)).size).toBe(1);
  const bo = await signUp(server.visit(site), site, 'bo_');
  expect(await bo.connection.api.devices.claimKeyPackages.mutate({ address })).toHaveLength(1);
  expect(await devices.stock.query()).toEqual({ oneTime: 0, lastResort: true });
});

test('one network address claims ten handles in an hour; who has one logs in', async () => {
  const claims = ['one_', 'two_', 'three', 'four', 'five', 'six_', 'seven'];
  // Ada, Eve and Bo were the first three.
  for (const handle of claims) await signUp(server.visit(site), site, handle);
  const { code, retryAfterSeconds } = await refusal(signUp(server.visit(site), site, 'eleven'));
  expect(code).toBe('too_many');
  expect(retryAfterSeconds).toBeGreaterThan(3_000);
  await logIn(server.visit(site), ada.person, ada.device);
});
