/** Two people on two sites, against a real server. */
import { describe, expect, it } from 'vitest';
import { addressOf, arrive, open, until, type Person } from './person.js';
import { createWorld } from './world.js';

const world = createWorld();

describe('two people', () => {
  it('claim a handle, and the second to want it is told', async () => {
    const asha = await world.somebody('asha');
    expect(asha.client.snapshot).toMatchObject({ phase: 'ready', connection: 'online' });
    expect(addressOf(asha)).toBe('@asha_1@bazaar.localhost');
    const { server } = world;
    const late = world.keep(await arrive({ server, site: server.bazaar }));
    expect(
      await late.client.run<'check_handle'>({ type: 'check_handle', handle: 'ASHA_1' }),
    ).toEqual({ status: 'taken' });
    await expect(
      late.client.run<'claim_handle'>({ type: 'claim_handle', handle: 'asha_1' }),
    ).rejects.toMatchObject({
      problem: { code: 'handle_taken' },
    });
    await expect(
      late.client.run<'claim_handle'>({ type: 'claim_handle', handle: 'a!' }),
    ).rejects.toMatchObject({
      problem: { code: 'handle_invalid' },
    });
    await late.client.run<'claim_handle'>({ type: 'claim_handle', handle: 'late_one' });
    expect(late.client.snapshot.phase).toBe('ready');
  });

  it('exchange 200 messages in both directions at once, in order, none twice and none lost', async () => {
    const asha = await world.somebody('asha');
    const bo = await world.somebody('boris', { site: world.server.garden });
    const conversation = await open(asha, bo);
    await until('Bo knows the conversation', () => bo.client.snapshot.conversations.length === 1);
    const sent = Array.from({ length: 100 }, (_, index) => String(index));
    await Promise.all([
      ...sent.map((index) => asha.say(conversation, `a${index}`)),
      ...sent.map((index) => bo.say(conversation, `b${index}`)),
    ]);
    const complete = async (person: Person): Promise<boolean> => {
      const history = await person.history(conversation);
      const texts = history.filter(({ body }) => body.type === 'text');
      return texts.length >= 200 && texts.every(({ status }) => status === 'stored');
    };
    await until('Asha has all', () => complete(asha));
    await until('Bo has all', () => complete(bo));
    const [ashaSees, boSees] = await Promise.all([
      asha.texts(conversation),
      bo.texts(conversation),
    ]);
    expect(ashaSees).toEqual(boSees);
    expect(ashaSees).toHaveLength(200);
    expect(ashaSees.filter((text) => text.startsWith('a'))).toEqual(
      sent.map((index) => `a${index}`),
    );
    expect(ashaSees.filter((text) => text.startsWith('b'))).toEqual(
      sent.map((index) => `b${index}`),
    );
    expect(bo.client.snapshot.conversations[0]?.unread).toBe(100);
  });
});
