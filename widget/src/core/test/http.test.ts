/** Where WebSockets are blocked, everything goes over HTTP and server-sent events. */
import { describe, expect, it } from 'vitest';
import { BlockedSocket } from './hostile.js';
import { arrive, open, until } from './person.js';
import { createWorld, hasTexts } from './world.js';

const world = createWorld();

const blocked = { WebSocket: BlockedSocket };

describe('HTTP', () => {
  it('carries a whole conversation, live', async () => {
    const [asha, bo, conversation] = await world.couple([blocked]);
    await asha.say(conversation, 'over HTTP');
    await until('Bo reads it', () =>
      hasTexts(bo, conversation, ['hello Bo', 'hello Asha', 'over HTTP']),
    );
    await bo.say(conversation, 'over a socket');
    await until('Asha reads it live', () =>
      hasTexts(asha, conversation, ['hello Bo', 'hello Asha', 'over HTTP', 'over a socket']),
    );
    const again = world.keep(await asha.reload());
    await until('it is online', () => again.client.snapshot.connection === 'online');
    expect(await open(again, bo)).toBe(conversation);
  });

  it('says why the server refuses: an unknown site, a page of another origin', async () => {
    const { server } = world;
    const stranger = world.keep(
      await arrive({ server, site: { ...server.bazaar, key: `pk_${'x'.repeat(22)}` } }),
    );
    await until('it is told', () => stranger.client.snapshot.problem?.code === 'site_unknown');
    const elsewhere = world.keep(
      await arrive({ server, site: { ...server.bazaar, origin: 'https://evil.example' } }),
    );
    await until('it is told', () => elsewhere.client.snapshot.problem?.code === 'origin_refused');
  });
});
