/** Attacks by the server itself: what it answers is never a reason to speak to somebody else, or to forget something. */
import { describe, expect, it } from 'vitest';
import { TransportError } from '../transport/errors.js';
import { lyingTransport, type Lies } from './hostile.js';
import { addressOf, open, transportOf, until } from './person.js';
import { createWorld, hasTexts } from './world.js';

const world = createWorld();

function liar(): { lies: Lies; transport: ReturnType<typeof lyingTransport> } {
  const lies: Lies = {};
  return { lies, transport: lyingTransport(transportOf(world.server, world.server.garden), lies) };
}

describe('a server that names another conversation as the one of the two', () => {
  it('is not believed: what was written for one person goes to nobody else', async () => {
    const { lies, transport } = liar();
    const [asha, bo, withAsha] = await world.couple([undefined, { transport }]);
    const carol = await world.somebody('carol');
    lies.procedures = () => ({
      createConversation: () => Promise.reject(new TransportError('timeout')),
    });
    const withCarol = await open(bo, carol);
    await bo.say(withCarol, 'for Carol alone');

    let asked = 0;
    lies.procedures = () => ({
      createConversation: async () => {
        asked += 1;
        return { status: 'exists', conversationId: withAsha };
      },
    });
    const again = world.keep(await bo.reload());
    await until('it was told so', () => asked > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await asha.texts(withAsha)).not.toContain('for Carol alone');
    expect(await again.texts(withCarol)).toEqual(['for Carol alone']);

    delete lies.procedures;
    const third = world.keep(await again.reload());
    await until('Carol has it', () => hasTexts(carol, withCarol, ['for Carol alone']));
    expect(third.client.snapshot.conversations.map(({ peer }) => peer.address).sort()).toEqual(
      [addressOf(asha), addressOf(carol)].sort(),
    );
  });
});

describe('a server that names places in the log at will', () => {
  it('cannot have a message stored over another one', async () => {
    const { lies, transport } = liar();
    const [asha, bo, conversation] = await world.couple([undefined, { transport }]);
    lies.procedures = (honest) => ({
      send: async (input) => ({ ...(await honest.send(input)), seq: 1 }),
    });
    await bo.say(conversation, 'in your place');
    await until('it has come', () =>
      hasTexts(asha, conversation, ['hello Bo', 'hello Asha', 'in your place']),
    );
    await until('and stands behind the others', () =>
      hasTexts(bo, conversation, ['hello Bo', 'hello Asha', 'in your place']),
    );
  });
});
