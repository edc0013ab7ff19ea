import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomBytes } from '../bytes.js';
import type { CallKeys } from '../calls/media-port.js';
import { CallCipher, newPublication, type Publication } from './call-cipher.js';
import { readFrameHeader, suites } from './cipher.js';
import {
  chooseContexts,
  contextsMax,
  framesPerContextMax,
  packKeyId,
  sendersMax,
  unpackKeyId,
} from './key-id.js';
import { ReplayWindow } from './replay-window.js';

const senders = [
  { senderIndex: 0, device: 'alice' },
  { senderIndex: 1, device: 'bob' },
];
const baseKey = randomBytes(32);
const keysOf = (senderIndex: number, change: Partial<CallKeys> = {}): CallKeys => ({
  suite: suites.AES_256_GCM_SHA512_128,
  senderIndex,
  senders,
  epochs: [{ epoch: 5, baseKey, send: true }],
  contexts: chooseContexts(new Set(), 8),
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

test('without keys, contexts or a readable head nothing leaves', async () => {
  const microphone = newPublication('audio');
  expect(await new CallCipher().seal(microphone, audio())).toBeNull();
  expect(await cipherOf(keysOf(0, { contexts: [] })).seal(microphone, audio())).toBeNull();
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
  const alone = cipherOf(keysOf(1, { senders: [{ senderIndex: 1, device: 'bob' }] }));
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

test('no pair of key id and counter repeats: two publications, the end of a context, keys given again, a reload', async () => {
  const used = new Set<number>();
  const pairs = new Set<string>();
  const contexts = () => {
    const chosen = chooseContexts(used, 8);
    for (const context of chosen) used.add(context);
    return chosen;
  };
  const note = (frame: Uint8Array) => {
    const header = readFrameHeader(frame, 1);
    const pair = `${String(header?.keyId)} ${String(header?.counter)}`;
    expect(pairs.has(pair)).toBe(false);
    pairs.add(pair);
  };
  for (let load = 0; load < 3; load += 1) {
    const first = contexts();
    const cipher = cipherOf(keysOf(0, { contexts: first }));
    const publications = [newPublication('audio'), newPublication('audio')];
    for (const publication of publications) {
      note(await sealed(cipher, publication));
      publication.counter = framesPerContextMax - 1;
      note(await sealed(cipher, publication));
      note(await sealed(cipher, publication));
      expect(publication.counter).toBe(1);
    }
    cipher.setKeys(keysOf(0, { contexts: first }));
    for (const publication of [...publications, newPublication('audio')])
      note(await sealed(cipher, publication));
  }
});

test('it says in time that contexts run low, and stops when there are none', async () => {
  const cipher = cipherOf(keysOf(0, { contexts: [1, 2, 3, 4] }));
  expect(cipher.contextsAreLow).toBe(false);
  await sealed(cipher, newPublication('audio'));
  expect(cipher.contextsAreLow).toBe(true);
  for (let count = 0; count < 3; count += 1) await sealed(cipher, newPublication('audio'));
  expect(await cipher.seal(newPublication('audio'), audio())).toBeNull();
  cipher.setKeys(keysOf(0, { contexts: [1, 2, 3, 4, 5] }));
  const frame = await sealed(cipher, newPublication('audio'));
  expect(unpackKeyId(readFrameHeader(frame, 1)?.keyId ?? 0)?.context).toBe(5);
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

test('contexts are chosen from what is left', () => {
  const used = new Set(Array.from({ length: contextsMax - 3 }, (_, index) => index));
  expect(chooseContexts(used, 8).sort((a, b) => a - b)).toEqual([
    contextsMax - 3,
    contextsMax - 2,
    contextsMax - 1,
  ]);
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
