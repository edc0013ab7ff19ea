/** Who closes waits for the disk, and not for a server. */
import { expect, it } from 'vitest';
import { systemClock } from '../client/ports.js';
import { lyingTransport, type Lies } from './hostile.js';
import { transportOf, until } from './person.js';
import { createWorld } from './world.js';

const world = createWorld();

/** How long what is stored is gathered before the server is told. */
const gatheringMs = 500;

it('a client closes though the server never answers what it is told last', async () => {
  const lies: Lies = {};
  const transport = lyingTransport(transportOf(world.server, world.server.garden), lies);
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal: AbortSignal) =>
      systemClock.sleep(ms === gatheringMs ? 2 ** 30 : ms, signal),
  };
  const [asha, bo, conversation] = await world.couple([undefined, { transport, clock }]);
  let told = 0;
  lies.procedures = () => ({
    acknowledge() {
      told += 1;
      return new Promise(() => undefined);
    },
  });
  await asha.say(conversation, 'the last');
  await until('it is stored', async () => (await bo.texts(conversation)).includes('the last'));
  await bo.client.close();
  expect(told).toBe(1);
});
