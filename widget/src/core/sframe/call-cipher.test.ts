import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomBytes, toHex } from '../bytes.js';
import type { CallKeys } from '../calls/media-port.js';
import { CallCipher, newPublication, type Publication } from './call-cipher.js';
import { deriveKeyAndSalt, readFrameHeader, saltedBaseKey, suites } from './cipher.js';
import { contextsMax, framesPerContextMax, packKeyId, sendersMax, unpackKeyId } from './key-id.js';
import { ReplayWindow } from './replay-window.js';

const senders = [
  { senderIndex: 0, device: 'alice', salt: randomBytes(16) },
  { senderIndex: 1, device: 'bob', salt: randomBytes(16) },
];
/** The senders, one with another salt, or with none. */
const salted = (senderIndex: number, salt: Uint8Array | undefined): CallKeys['senders'] =>
  senders.map((sender) => (sender.senderIndex === senderIndex ? { ...sender, salt } : sender));
const suite = suites.AES_256_GCM_SHA512_128;
const baseKey = randomBytes(32);
const keysOf = (senderIndex: number, change: Partial<CallKeys> = {}): CallKeys => ({
  suite,
  senderIndex,
  senders,
  epochs: [{ epoch: 5, baseKey, send: true }],
  ...change,
});

function cipherOf(keys: CallKeys): CallCipher {
  const cipher = new CallCipher();
  cipher.setKeys(keys);
  return cipher;
}

const audio = (length = 100) => randomBytes(length);
async function sealed(cipher: CallCipher, publication: Publication, frame = audio()) {
  const bytes = await cipher.seal(publication, frame);
  if (bytes === null) throw new Error('not sealed');
  return bytes;
}

test('frames of both kinds reach the other', async () => {
  const [alice, bob] = [cipherOf(keysOf(0)), cipherOf(keysOf(1))];
  const microphone = newPublication('audio');
  const camera = newPublication('video');
  const key = randomBytes(1200);
  key[0] = 0x10; // VP8 key frame
  const delta = randomBytes(300);
  delta[0] = 0x11;
  for (const [kind, publication, frame] of [
    ['audio', microphone, audio()],
    ['video', camera, key],
    ['video', camera, delta],
  ] as const) {
    const bytes = await sealed(alice, publication, frame);
    expect(bytes.length - frame.length).toBeLessThanOrEqual(22);
    expect(await bob.open(kind, bytes, 'alice')).toEqual(frame);
  }
});

test('without keys, a salt or a readable head nothing leaves', async () => {
  const microphone = newPublication('audio');
  expect(await new CallCipher().seal(microphone, audio())).toBeNull();
  expect(
    await cipherOf(keysOf(0, { senders: salted(0, undefined) })).seal(microphone, audio()),
  ).toBeNull();
  expect(await cipherOf(keysOf(0, { suite: 1 })).seal(microphone, audio())).toBeNull();
  expect(
    await cipherOf(keysOf(0, { epochs: [{ epoch: 5, baseKey, send: false }] })).seal(
      microphone,
      audio(),
    ),
  ).toBeNull();
  expect(await cipherOf(keysOf(0)).seal(microphone, new Uint8Array())).toBeNull();
  expect(await cipherOf(keysOf(0)).seal(newPublication('video'), Uint8Array.of(1, 2))).toBeNull();
});

test('frames of an unknown epoch or sender, of another device and without encryption are dropped', async () => {
  const [alice, bob] = [cipherOf(keysOf(0)), cipherOf(keysOf(1))];
  const frame = await sealed(alice, newPublication('audio'));
  expect(await bob.open('audio', frame, 'mallory')).toBeNull();
  expect(await bob.open('audio', audio(), 'alice')).toBeNull();
  expect(await bob.open('audio', new Uint8Array(), 'alice')).toBeNull();
  const later = cipherOf(
    keysOf(1, { epochs: [{ epoch: 6, baseKey: randomBytes(32), send: true }] }),
  );
  expect(await later.open('audio', frame, 'alice')).toBeNull();
  const alone = cipherOf(keysOf(1, { senders: senders.slice(1) }));
  expect(await alone.open('audio', frame, 'alice')).toBeNull();
  // One's own frames, sent back.
  expect(await alice.open('audio', frame, undefined)).toBeNull();
  expect(await bob.open('audio', frame, 'alice')).not.toBeNull();
});

test('a frame counts once, also when it comes twice at the same time', async () => {
  const [alice, bob] = [cipherOf(keysOf(0)), cipherOf(keysOf(1))];
  const microphone = newPublication('audio');
  const [one, two] = [await sealed(alice, microphone), await sealed(alice, microphone)];
  expect(await bob.open('audio', two, 'alice')).not.toBeNull();
  expect(await bob.open('audio', one, 'alice')).not.toBeNull();
  expect(await bob.open('audio', one, 'alice')).toBeNull();
  const three = await sealed(alice, microphone);
  const both = await Promise.all([
    bob.open('audio', three, 'alice'),
    bob.open('audio', three, 'alice'),
  ]);
  expect(both.filter((frame) => frame !== null)).toHaveLength(1);
});

test('a change of epoch keeps late frames readable until their key is taken away', async () => {
  const next = { epoch: 6, baseKey: randomBytes(32) };
  const [alice, bob] = [cipherOf(keysOf(0)), cipherOf(keysOf(1))];
  const microphone = newPublication('audio');
  const [late, tooLate] = [await sealed(alice, microphone), await sealed(alice, microphone)];
  const both = [
    { epoch: 5, baseKey, send: false },
    { ...next, send: true },
  ];
  alice.setKeys(keysOf(0, { epochs: both }));
  bob.setKeys(keysOf(1, { epochs: both }));
  const fresh = await sealed(alice, microphone);
  expect(await bob.open('audio', fresh, 'alice')).not.toBeNull();
  expect(await bob.open('audio', late, 'alice')).not.toBeNull();
  bob.setKeys(keysOf(1, { epochs: [{ ...next, send: true }] }));
  expect(await bob.open('audio', tooLate, 'alice')).toBeNull();
  // Keys that are sent again do not open the replay window again.
  expect(await bob.open('audio', fresh, 'alice')).toBeNull();
});

/** Key and nonce of each frame, and the key id and counter that it names. */
function usedBy(
  keys: CallKeys,
  frames: readonly Uint8Array[],
): { used: string[]; named: string[] } {
  const own = keys.senders.find(({ senderIndex }) => senderIndex === keys.senderIndex);
  const headers = frames.map((frame) => readFrameHeader(frame, 1));
  const used = headers.map((header) => {
    const base = saltedBaseKey(suite, baseKey, own?.salt ?? new Uint8Array());
    const { key, salt } = deriveKeyAndSalt(suite, base, header?.keyId ?? 0);
    // The nonce is the salt with the counter XORed on (RFC 9605, section 4.4.3): the same for the same of both.
    return `${toHex(key)} ${toHex(salt)} ${String(header?.counter)}`;
  });
  return {
    used,
    named: headers.map((header) => `${String(header?.keyId)} ${String(header?.counter)}`),
  };
}

/** All that a microphone and a camera may send: several publications, each beyond the end of its context. */
async function speech(cipher: CallCipher): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for (let count = 0; count < 16; count += 1) {
    const publication = newPublication('audio');
    for (let frame = 0; frame < 64; frame += 1) {
      if (frame === 32) publication.counter = framesPerContextMax - 1;
      frames.push(await sealed(cipher, publication));
    }
    expect(publication.counter).toBe(31);
  }
  return frames;
}

test('no key and nonce come twice: publications, ends of contexts, keys given again', async () => {
  const keys = keysOf(0);
  const cipher = cipherOf(keys);
  const first = await speech(cipher);
  cipher.setKeys(keys);
  const { used } = usedBy(keys, [...first, ...(await speech(cipher))]);
  expect(used).toHaveLength(2 * 16 * 64);
  expect(new Set(used).size).toBe(used.length);
});

test('two copies of one profile in one call share no key and nonce, though they name the same', async () => {
  const copies = Array.from({ length: 4 }, () =>
    keysOf(0, { senders: salted(0, randomBytes(16)) }),
  );
  const all = await Promise.all(
    copies.map(async (keys) => usedBy(keys, await speech(cipherOf(keys)))),
  );
  const used = all.flatMap((one) => one.used);
  expect(new Set(all.flatMap(({ named }) => named)).size).toBe(used.length / copies.length);
  expect(used).toHaveLength(4 * 16 * 64);
  expect(new Set(used).size).toBe(used.length);
});

test('who has not heard a salt, or another one, opens nothing; who hears it opens what comes from then on', async () => {
  const alice = cipherOf(keysOf(0));
  const microphone = newPublication('audio');
  const early = await sealed(alice, microphone);
  const bob = cipherOf(keysOf(1, { senders: salted(0, undefined) }));
  expect(await bob.open('audio', early, 'alice')).toBeNull();
  bob.setKeys(keysOf(1, { senders: salted(0, randomBytes(16)) }));
  expect(await bob.open('audio', early, 'alice')).toBeNull();
  bob.setKeys(keysOf(1));
  expect(await bob.open('audio', await sealed(alice, microphone), 'alice')).not.toBeNull();
});

test('a device that comes back with another salt is heard anew, and its frames of before no more', async () => {
  const keys = keysOf(0, { senders: salted(0, randomBytes(16)) });
  const [before, after] = [cipherOf(keysOf(0)), cipherOf(keys)];
  const bob = cipherOf(keysOf(1));
  const [microphone, again] = [newPublication('audio'), newPublication('audio')];
  expect(await bob.open('audio', await sealed(before, microphone), 'alice')).not.toBeNull();
  const late = await sealed(before, microphone);
  // Keys change while a frame is being opened: what it was opened with is not kept.
  const opening = bob.open('audio', await sealed(before, microphone), 'alice');
  bob.setKeys(keysOf(1, { senders: keys.senders }));
  await opening;
  expect(await bob.open('audio', await sealed(after, again), 'alice')).not.toBeNull();
  expect(await bob.open('audio', late, 'alice')).toBeNull();
});

test('a call stops sending when its contexts are used up, rather than repeat one', async () => {
  const cipher = cipherOf(keysOf(0));
  let last: Uint8Array | undefined;
  for (let count = 0; count < contextsMax; count += 1)
    last = await sealed(cipher, newPublication('audio'));
  const header = last === undefined ? null : readFrameHeader(last, 1);
  expect(unpackKeyId(header?.keyId ?? 0)?.context).toBe(contextsMax - 1);
  expect(await cipher.seal(newPublication('audio'), audio())).toBeNull();
});

test('key ids hold their parts and refuse what does not fit', () => {
  fc.assert(
    fc.property(
      fc.nat(contextsMax - 1),
      fc.nat(sendersMax - 1),
      fc.nat(1e6),
      (context, senderIndex, epoch) => {
        const keyId = packKeyId(context, senderIndex, epoch);
        expect(keyId).toBeLessThan(1 << 24);
        expect(unpackKeyId(keyId)).toEqual({ context, senderIndex, epochBits: epoch % 16 });
      },
    ),
  );
  expect(() => packKeyId(contextsMax, 0, 0)).toThrow(RangeError);
  expect(() => packKeyId(0, sendersMax, 0)).toThrow(RangeError);
  expect(unpackKeyId(1 << 24)).toBeNull();
  expect(unpackKeyId(1n << 60n)).toBeNull();
});

test('the replay window agrees with a set of everything seen', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(3000), fc.integer({ min: 60_000, max: 65_535 })), {
        maxLength: 200,
      }),
      (counters) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        let highest = -1;
        for (const counter of counters) {
          const tooOld = highest - counter >= 1024;
          expect(window.has(counter)).toBe(seen.has(counter) || tooOld);
          if (window.has(counter)) continue;
          window.add(counter);
          seen.add(counter);
          highest = Math.max(highest, counter);
        }
      },
    ),
  );
});
