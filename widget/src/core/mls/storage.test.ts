import { expect, test } from 'vitest';
import { utf8 } from '../bytes.js';
import {
  commit,
  createGroup,
  decodeGroup,
  encodeGroup,
  encrypt,
  epochAuthenticator,
  generateKeyPackage,
  open,
  type Group,
  type PartWrite,
  type StoredPart,
} from './index.js';
import { newConversationId, pair, person, secondDevice, trustIn } from './test/people.js';

/** What a table of the store would hold. */
class Parts {
  readonly #parts = new Map<string, StoredPart>();

  apply(writes: readonly PartWrite[]): void {
    for (const { part, bytes } of writes) {
      if (bytes === undefined) this.#parts.delete(part.join());
      else this.#parts.set(part.join(), { part, bytes });
    }
  }

  get names(): string[] {
    return [...this.#parts.keys()].sort();
  }

  read(): Group {
    return decodeGroup(this.#parts.values());
  }
}

const names = (writes: PartWrite[]) => writes.map(({ part }) => part.join(' '));
const bytesOf = (writes: PartWrite[]) =>
  writes.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);

test('a group survives storing at every step, and a message writes the small part alone', async () => {
  const { trust, aliceGroup, bobGroup } = await pair();
  const [atAlice, atBob] = [new Parts(), new Parts()];
  atAlice.apply(encodeGroup(aliceGroup));
  atBob.apply(encodeGroup(bobGroup));
  let [alice, bob] = [atAlice.read(), atBob.read()];
  expect(alice.members).toEqual(aliceGroup.members);

  for (let epoch = 1; epoch <= 8; epoch += 1) {
    for (const word of ['one', 'two']) {
      const sent = await encrypt(alice, utf8(word));
      expect(names(encodeGroup(sent.group, alice))).toEqual(['secrets']);
      atAlice.apply(encodeGroup(sent.group, alice));
      const opened = await open(bob, sent.ciphertext, trust);
      expect(opened).toMatchObject({ kind: 'application', content: utf8(word) });
      expect(names(encodeGroup(opened.group, bob))).toEqual(['secrets']);
      atBob.apply(encodeGroup(opened.group, bob));
      [alice, bob] = [atAlice.read(), atBob.read()];
    }
    const late = await encrypt(alice, utf8('late'));
    const update = await commit(bob, { trust });
    atBob.apply(encodeGroup(update.group, bob));
    const applied = await open(late.group, update.commit, trust);
    atAlice.apply(encodeGroup(applied.group, alice));
    [alice, bob] = [atAlice.read(), atBob.read()];
    expect(epochAuthenticator(alice)).toEqual(epochAuthenticator(bob));

    const opened = await open(bob, late.ciphertext, trust);
    expect(opened).toMatchObject({ kind: 'application', epoch });
    expect(names(encodeGroup(opened.group, bob))).toEqual([`past ${String(epoch)}`]);
    atBob.apply(encodeGroup(opened.group, bob));
    bob = atBob.read();
    // The late message was opened once, and stays so after a reload.
    await expect(open(bob, late.ciphertext, trust)).rejects.toMatchObject({
      code: 'undecryptable',
    });
  }
  expect(atBob.names).toEqual([
    'past,5', 'past,6', 'past,7', 'past,8', 'secrets', 'tree,5', 'tree,6', 'tree,7', 'tree,8', 'tree,9',
  ]); // prettier-ignore
});

test('a missing or broken part is malformed', async () => {
  const { aliceGroup } = await pair();
  const parts = encodeGroup(aliceGroup) as StoredPart[];
  for (const { part } of parts) {
    expect(() => decodeGroup(parts.filter((other) => other.part !== part))).toThrow('malformed');
    const cut = parts.map((other) =>
      other.part === part ? { part, bytes: other.bytes.subarray(0, -1) } : other,
    );
    expect(() => decodeGroup(cut)).toThrow('malformed');
  }
});

test('32 devices: a message stores less than 8 kB, the tree once per epoch', async () => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const trust = trustIn(alice, bob);
  const devices = await Promise.all(
    Array.from({ length: 30 }, (_, index) => secondDevice(index % 2 === 0 ? alice : bob)),
  );
  const packages = await Promise.all([bob, ...devices].map((device) => generateKeyPackage(device)));
  const keyPackages = packages.map(({ publicBytes }) => publicBytes);
  const { group } = await createGroup({
    identity: alice,
    conversationId: newConversationId(),
    keyPackages,
    trust,
  });
  const whole = bytesOf(encodeGroup(group));
  const sent = await encrypt(group, utf8('hello'));
  const perMessage = bytesOf(encodeGroup(sent.group, group));
  expect(perMessage).toBeLessThan(8_000);
  expect(whole).toBeGreaterThan(perMessage * 5);
});
