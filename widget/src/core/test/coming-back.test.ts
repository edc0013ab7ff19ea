/** Reloads, restarts and dead networks: what was said arrives, once. */
import { describe, expect, it } from 'vitest';
import { TransportError } from '../transport/errors.js';
import { createCable } from './hostile.js';
import { arrive, createDisk, open, transportOf, until } from './person.js';
import { createWorld, hasTexts } from './world.js';

const world = createWorld();

describe('coming back', () => {
  it('after a reload everything is there, and what was written meanwhile arrives', async () => {
    const [asha, bo, conversation] = await world.couple();
    await bo.client.close();
    await asha.say(conversation, 'are you there?');
    const again = world.keep(await bo.reload());
    await until('Bo reads it', () =>
      hasTexts(again, conversation, ['hello Bo', 'hello Asha', 'are you there?']),
    );
    expect(again.client.snapshot.conversations[0]).toMatchObject({ unread: 2, state: 'ready' });
    await again.client.run<'mark_read'>({
      type: 'mark_read',
      conversationId: conversation,
      upTo: 2 ** 41,
    });
    expect(again.client.snapshot.unread).toBe(0);
    const third = world.keep(await again.reload());
    expect(third.client.snapshot).toMatchObject({ phase: 'ready', unread: 0 });
    expect(await third.texts(conversation)).toHaveLength(3);
  });

  it('a restarted server, and one that crashed, loses nothing', async () => {
    const [asha, bo, conversation] = await world.couple();
    const expected = ['hello Bo', 'hello Asha'];
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await world.server.stop(signal);
      await until('Asha is offline', () => asha.client.snapshot.connection !== 'online');
      await asha.say(conversation, `during ${signal}`);
      expected.push(`during ${signal}`);
      expect((await asha.history(conversation)).at(-1)?.status).toBe('sending');
      await world.server.start();
      for (const person of [asha, bo]) await person.client.run<'reconnect'>({ type: 'reconnect' });
      await until('Bo reads it', () => hasTexts(bo, conversation, expected));
      await until(
        'it is stored',
        async () => (await asha.history(conversation)).at(-1)?.status === 'stored',
      );
    }
  });

  it('what was written offline is sent later, even after a reload, in its order', async () => {
    const cable = createCable(
      transportOf(world.server, world.server.bazaar),
      () => new TransportError('offline'),
    );
    const [asha, bo, conversation] = await world.couple([{ transport: cable.transport }]);
    cable.unplug();
    await until('Asha is offline', () => asha.client.snapshot.connection === 'offline');
    const texts = Array.from({ length: 20 }, (_, index) => `offline ${String(index)}`);
    for (const text of texts) await asha.say(conversation, text);
    const again = world.keep(await asha.reload());
    expect(
      (await again.history(conversation)).filter(({ status }) => status === 'sending'),
    ).toHaveLength(20);
    cable.plug();
    await again.client.run<'reconnect'>({ type: 'reconnect' });
    await until('Bo reads all', () =>
      hasTexts(bo, conversation, ['hello Bo', 'hello Asha', ...texts]),
    );
    await until('Asha sees them stored', async () =>
      (await again.history(conversation)).every(({ status }) => status === 'stored'),
    );
    expect(await again.texts(conversation)).toEqual(await bo.texts(conversation));
  });

  it('two who begin at once end up in one conversation with everything that was written', async () => {
    const asha = await world.somebody('asha');
    const bo = await world.somebody('boris', { site: world.server.garden });
    const [first, second] = await Promise.all([open(asha, bo), open(bo, asha)]);
    await Promise.all([asha.say(first, 'from Asha'), bo.say(second, 'from Bo')]);
    await until('both have one conversation', () => {
      const [ashas, bos] = [asha, bo].map(({ client }) =>
        client.snapshot.conversations.map(({ id }) => id),
      );
      return ashas?.length === 1 && bos?.length === 1 && ashas[0] === bos[0];
    });
    const id = asha.client.snapshot.conversations[0]?.id ?? first;
    await until('both see both', async () => {
      const [ashas, bos] = await Promise.all([asha.texts(id), bo.texts(id)]);
      return ashas.length === 2 && JSON.stringify(ashas) === JSON.stringify(bos);
    });
  });

  it('an unfinished claim goes on with the same keys', async () => {
    const { server } = world;
    const disk = createDisk();
    const honest = transportOf(server, server.bazaar);
    // The server takes the claim, and the answer is lost.
    const first = await arrive({
      server,
      site: server.bazaar,
      store: disk,
      transport: {
        connect: async (options) => {
          const connection = await honest.connect(options);
          return {
            ...connection,
            claim: async (input) => {
              await connection.claim(input);
              throw new TransportError('offline');
            },
          };
        },
      },
    });
    await expect(
      first.client.run<'claim_handle'>({ type: 'claim_handle', handle: 'unlucky' }),
    ).rejects.toMatchObject({
      problem: { code: 'offline' },
    });
    await first.client.close();
    const second = world.keep(await arrive({ server, site: server.bazaar, store: disk }));
    await until('the claim is finished', () => second.client.snapshot.phase === 'ready');
    expect(second.client.snapshot.self?.address).toBe('@unlucky@bazaar.localhost');
  });
});
