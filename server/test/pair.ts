/** Two people of a site in a conversation, over the wire; the bytes stand for MLS structures. */
import { refusal } from './client.js';
import { makeId, signUp, type SignedIn } from './person.js';
import type { TestServer } from './server-fixture.js';

export interface Pair {
  readonly alice: SignedIn;
  readonly bob: SignedIn;
  readonly conversationId: string;
  /** Alice sends so many bytes; the same id again is the same message. @returns its place in the log. */
  send(id?: string, size?: number): Promise<number>;
  /** The code that Alice's next message is refused with. */
  refused(): Promise<{ code: string; retryAfterSeconds: number | undefined }>;
  /** What Bob can read: the ids by their places. */
  log(): Promise<Map<number, string>>;
}

/** Signs up two fresh people and begins their conversation. */
export async function makePair(server: TestServer, domain = 'shop.example'): Promise<Pair> {
  const site = await server.createSite(domain);
  const handle = (name: string): string => `${name}_${makeId().replaceAll('-', '_').slice(0, 12)}`;
  const alice = await signUp(server.visit(site), site, handle('alice'));
  const bob = await signUp(server.visit(site), site, handle('bob'));
  const conversationId = makeId();
  const some = new Uint8Array(64).fill(7);
  await alice.connection.api.conversations.create.mutate({
    conversationId: conversationId,
    peer: bob.person.address,
    suite: 83,
    epoch: 1,
    welcome: some,
    groupInfo: some,
  });
  const send = async (id = makeId(), size = 2_000): Promise<number> => {
    const ciphertext = new Uint8Array(size).fill(1);
    const message = { conversationId, id, epoch: 1, ciphertext } as never;
    return (await alice.connection.api.conversations.send.mutate(message)).seq;
  };
  return {
    alice,
    bob,
    conversationId,
    send,
    refused: () => refusal(send()),
    async log() {
      const found = new Map<number, string>();
      for (let after = 0, head = 1; after < head;) {
        const page = await bob.connection.api.conversations.pull.query({
          conversationId: conversationId,
          after: after,
          limit: 200,
        });
        for (const { seq, id } of page.entries) found.set(seq, id);
        after += page.entries.length;
        head = page.entries.length === 0 ? after : page.head;
      }
      return found;
    },
  };
}
