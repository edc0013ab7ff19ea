/** Microseconds of a frame through the call's cipher, beside bare AES-GCM, wherever this runs. */
import { buffer, randomBytes } from '../../src/core/bytes.js';
import { CallCipher, newPublication, sendersMax, suites } from '../../src/core/sframe/index.js';
import { microseconds, type Rounds } from '../timing.js';

export interface SframeTimes {
  frameBytes: number;
  seal: number;
  open: number;
  bareSeal: number;
  bareOpen: number;
  /** Bytes that a frame grew by, at most. */
  added: number;
}

const sizes = [120, 1_200, 20_000];
/** The first publications of a call have shorter key ids, and the first frames of each shorter counters. */
const early = { publications: 16, frames: 256 };

function callCiphers(): [CallCipher, CallCipher] {
  const [baseKey, ...salts] = [randomBytes(32), randomBytes(16), randomBytes(16)];
  const both = [sendersMax - 1, 0].map((senderIndex) => {
    const cipher = new CallCipher();
    cipher.setKeys({
      suite: suites.AES_256_GCM_SHA512_128,
      senderIndex,
      senders: [
        { senderIndex: sendersMax - 1, device: 'ada', salt: salts[0] },
        { senderIndex: 0, device: 'ben', salt: salts[1] },
      ],
      epochs: [{ epoch: 5, baseKey, send: true }],
    });
    return cipher;
  });
  return both as [CallCipher, CallCipher];
}

/** AES-256-GCM of the same bytes with nothing around it: a fixed nonce, a fixed head. */
async function bareAesGcm(body: Uint8Array<ArrayBuffer>) {
  const key = await crypto.subtle.importKey('raw', buffer(randomBytes(32)), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
  const parameters = {
    name: 'AES-GCM',
    iv: buffer(randomBytes(12)),
    additionalData: buffer(randomBytes(9)),
  };
  const encrypted = await crypto.subtle.encrypt(parameters, key, body);
  return {
    encrypt: () => crypto.subtle.encrypt(parameters, key, body),
    decrypt: () => crypto.subtle.decrypt(parameters, key, encrypted),
  };
}

async function measureSize(frameBytes: number, rounds: Rounds): Promise<SframeTimes> {
  const [ada, ben] = callCiphers();
  const camera = newPublication('video');
  const frame = randomBytes(frameBytes);
  frame[0] = 0x11; // VP8, no key frame
  const bare = await bareAesGcm(buffer(randomBytes(frameBytes - 3)));
  for (let nth = 0; nth < early.publications; nth += 1)
    await ada.seal(newPublication('video'), frame);
  for (let nth = 0; nth < early.frames; nth += 1) await ada.seal(camera, frame);
  let added = 0;
  const waiting: Uint8Array[] = [];
  const seal = async (): Promise<void> => {
    const sealed = await ada.seal(camera, frame);
    if (sealed === null) throw new Error('a frame was not sealed');
    added = Math.max(added, sealed.length - frameBytes);
    waiting.push(sealed);
  };
  const open = async (): Promise<void> => {
    const opened = await ben.open('video', waiting.shift() ?? frame, 'ada');
    if (opened?.length !== frameBytes) throw new Error('a frame was not opened');
  };
  // In this order: what a round seals, it opens.
  const times = await microseconds(rounds, {
    seal,
    open,
    bareSeal: bare.encrypt,
    bareOpen: bare.decrypt,
  });
  return { frameBytes, ...times, added };
}

/** Frames of each size, one after the other as a transform stream gives them. */
export async function measureSframe(rounds: Rounds): Promise<SframeTimes[]> {
  const results: SframeTimes[] = [];
  for (const size of sizes) results.push(await measureSize(size, rounds));
  return results;
}
