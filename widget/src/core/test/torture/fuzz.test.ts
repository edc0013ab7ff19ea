/** Every decoder of the client on bytes that nobody honest made: a value or its own error, nothing else, and the
 * prototypes of the language stay as they are. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { rounds, seedFor } from '../../../../../scripts/rounds.js';
import { ContentError, decodeContent } from '../../content/index.js';
import {
  decodeCredential,
  encodeCredential,
  parseAddress,
  isAddress,
} from '../../identity/index.js';
import {
  commit,
  encodeGroup,
  encrypt,
  generateKeyPackage,
  MlsError,
  open,
} from '../../mls/index.js';
import { decodeFramed, decodeMessage, groupIdOf } from '../../mls/framing.js';
import { decodeKeyPackage } from '../../mls/key-package.js';
import { decodeGroup, type StoredPart } from '../../mls/index.js';
import { pair, type Pair } from '../../mls/test/people.js';
import { decodePublic } from '../../mls/tree-codec.js';
import { decode, encode } from '../../message-pack.js';
import { readHeader, writeHeader, headerLength } from '../../sframe/header.js';
import { decodeValue, encodeValue } from '../../store/codec.js';
import { StoreError } from '../../store/contract.js';
import { bytesTransformer } from '../../transport/bytes-transformer.js';
import { TransportError } from '../../transport/errors.js';
import { readEvents } from '../../transport/event-stream.js';
import { decodeFrame, encodeFrame } from '../../transport/frame-codec.js';
import { parseAnswer } from '../../transport/procedures.js';
import * as schemas from '../../transport/schemas.js';
import { utf8 } from '../../bytes.js';
import { contentSamples, wireSamples } from './samples.js';

const seed = seedFor('fuzz');
const numRuns = rounds({ short: 10_000, full: 1_000_000 });
const ms = rounds({ short: 240_000, full: 3_600_000 });

/** Names by which careless code reaches a prototype, and values that break arithmetic. */
const spiteful = fc.oneof(
  fc.constantFrom<unknown>(
    JSON.parse('{"__proto__":{"polluted":1}}'),
    { constructor: { prototype: { polluted: 1 } } },
    '__proto__',
    { $bytes: '!' },
    { $bytes: 'AAAA' },
    Number.MAX_VALUE,
    -1,
    NaN,
    null,
    undefined,
    [],
    new Uint8Array(3),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double(),
  fc.uint8Array({ maxLength: 20 }),
);

interface Change {
  at: number;
  kind: number;
  bytes: Uint8Array;
}
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    at: fc.nat(),
    kind: fc.nat(3),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  }),
  { maxLength: 5 },
);

/** Overwrites, inserts, cuts out or cuts off. */
function changed(sample: Uint8Array, steps: readonly Change[]): Uint8Array {
  let bytes = sample.slice();
  for (const { at, kind, bytes: put } of steps) {
    const from = bytes.length === 0 ? 0 : at % bytes.length;
    const until = kind === 1 ? from : Math.min(bytes.length, from + put.length);
    if (kind === 3) bytes = bytes.slice(0, from);
    else if (kind === 0) bytes.set(put.subarray(0, until - from), from);
    else {
      const middle = kind === 1 ? put : new Uint8Array();
      const whole = new Uint8Array(from + middle.length + bytes.length - until);
      whole.set(bytes.subarray(0, from));
      whole.set(middle, from);
      whole.set(bytes.subarray(until), from + middle.length);
      bytes = whole;
    }
  }
  return bytes;
}

type ErrorClass = abstract new (...parameters: never[]) => Error;

function expectClean(): void {
  if ('polluted' in {} || Object.keys(Object.prototype).length > 0)
    throw new Error('a prototype was changed');
}

/** @param errors what it may throw. */
function fuzz(
  read: (bytes: Uint8Array) => unknown,
  { samples, errors }: { samples: readonly Uint8Array[]; errors: readonly ErrorClass[] },
): void {
  const bytes = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.nat(), changes) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const given =
        input instanceof Uint8Array
          ? input
          : changed(samples[input[0] % samples.length] ?? new Uint8Array(), input[1]);
      try {
        read(given);
      } catch (error) {
        if (!errors.some((one) => error instanceof one)) throw error;
      }
      expectClean();
    }),
    { seed, numRuns },
  );
}

// Nearly every case ends in an error, and nobody reads where those were thrown.
Error.stackTraceLimit = 0;

let two: Pair;
let framed: Uint8Array[];
let parts: StoredPart[];

beforeAll(async () => {
  two = await pair();
  const { ciphertext } = await encrypt(two.aliceGroup, utf8('hello'));
  const made = await commit(two.aliceGroup, { trust: two.trust });
  const { publicBytes } = await generateKeyPackage(two.alice);
  framed = [ciphertext, made.commit, two.groupInfo, publicBytes];
  parts = encodeGroup(two.aliceGroup).map(({ part, bytes }) => ({
    part,
    bytes: bytes ?? new Uint8Array(),
  }));
});

describe(`from seed ${String(seed)}, ${String(numRuns)} times each:`, () => {
  it('MessagePack, and the stored values that are made of it', { timeout: ms }, () => {
    const samples = [...wireSamples, ...contentSamples].map((value) => encode(value));
    fuzz((bytes) => encode(decode(bytes)), { samples, errors: [RangeError, TypeError] });
    fuzz((bytes) => encodeValue(decodeValue(bytes)), { samples, errors: [StoreError] });
  });

  it('frames of the socket', { timeout: ms }, () => {
    const samples = wireSamples.map((data) =>
      encodeFrame({ id: 1, result: { type: 'data', data } }),
    );
    fuzz((bytes) => decodeFrame(bytes.slice().buffer), { samples, errors: [] });
  });

  it('what members say', { timeout: ms }, () => {
    const samples = contentSamples.map((value) => encode(value));
    fuzz(decodeContent, { samples, errors: [ContentError] });
  });

  it('messages, key packages, trees and stored groups of MLS', { timeout: ms }, () => {
    const id = groupIdOf(two.conversationId);
    fuzz((bytes) => decodeMessage(bytes), { samples: framed, errors: [MlsError] });
    fuzz((bytes) => decodeFramed(bytes, id), { samples: framed, errors: [MlsError] });
    fuzz(decodeKeyPackage, { samples: framed, errors: [MlsError] });
    const stored = parts.map(({ bytes }) => bytes);
    fuzz(decodePublic, { samples: stored, errors: [MlsError] });
    fuzz(
      (bytes) => {
        decodeGroup(parts.map(({ part }) => ({ part, bytes })));
      },
      { samples: stored, errors: [MlsError] },
    );
  });

  it('envelopes: none that was changed opens, whatever was changed', { timeout: ms }, async () => {
    const [message = new Uint8Array()] = framed;
    await fc.assert(
      fc.asyncProperty(changes, async (steps) => {
        const bytes = changed(message, steps);
        const opened = await open(two.bobGroup, bytes, two.trust).catch((error: unknown) => {
          if (!(error instanceof MlsError)) throw error;
          return null;
        });
        if (opened !== null) expect(bytes).toEqual(message);
      }),
      { seed, numRuns: rounds({ short: 1_000, full: 20_000 }) },
    );
  });

  it('credentials', { timeout: ms }, () => {
    const samples = [encodeCredential(two.alice), encodeCredential(two.bob)];
    fuzz(
      (bytes) => {
        const read = decodeCredential(bytes);
        // One credential has one encoding.
        if (read !== null) expect(read.certificate).toHaveLength(64);
      },
      { samples, errors: [] },
    );
  });

  it('headers of SFrame', { timeout: ms }, () => {
    const samples = [Uint8Array.of(0x99, 1, 2, 3, 4), Uint8Array.of(0xff, ...new Uint8Array(16))];
    fuzz(
      (bytes) => {
        const header = readHeader(bytes);
        if (header === null) return;
        const { keyId, counter } = header;
        const written = new Uint8Array(headerLength(keyId, counter));
        writeHeader(written, keyId, counter);
        const again = readHeader(written);
        expect([again?.keyId, again?.counter].map(String)).toEqual([keyId, counter].map(String));
      },
      { samples, errors: [] },
    );
  });

  it('addresses as people type them', { timeout: ms }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(2), (text, dressing) => {
        const typed = [text, `@${text}`, `@mira${text}@shop.example`][dressing] ?? text;
        const address = parseAddress(typed, 'home.example');
        if (address !== null) expect(isAddress(address)).toBe(true);
      }),
      { seed, numRuns },
    );
  });

  it('bytes in JSON, there and back, and what else has their shape', { timeout: ms }, () => {
    // Made once, and put into each other: that takes far less time than to make each anew.
    const made = fc.sample(fc.jsonValue({ maxDepth: 20 }), { seed, numRuns: 3_000 });
    const which = fc.nat(made.length - 1);
    fc.assert(
      fc.property(which, which, fc.uint8Array({ maxLength: 60 }), (outer, inner, bytes) => {
        const back = bytesTransformer.deserialize(bytesTransformer.serialize({ bytes }));
        if (!isSame((back as { bytes: unknown }).bytes, bytes)) throw new Error('other bytes');
        const json = { within: [made[outer], { $bytes: made[inner] }], $bytes: made[inner] };
        try {
          bytesTransformer.deserialize(JSON.parse(JSON.stringify([json, { $bytes: json }])));
        } catch (error) {
          if (!(error instanceof RangeError || error instanceof DOMException)) throw error;
        }
        expectClean();
      }),
      { seed, numRuns },
    );
  });

  it('streams of events over HTTP', { timeout: ms }, async () => {
    const samples = ['event: ping\ndata:\n\n', 'data: {"type":"subscribed"}\nid: 1\n\n'].map(utf8);
    await fc.assert(
      fc.asyncProperty(fc.nat(1), changes, async (which, steps) => {
        const sample = changed(samples[which] ?? new Uint8Array(), steps);
        const onEvent = (type: string, data: string): void => {
          expect(typeof type + typeof data).toBe('stringstring');
        };
        await readEvents(new Response(sample.slice().buffer), { onEvent, onSign: () => undefined });
      }),
      { seed, numRuns },
    );
  });

  it('answers and events of every procedure', { timeout: ms }, () => {
    const all = Object.entries(schemas).flatMap(([name, schema]) =>
      name.endsWith('Schema') ? [schema as typeof schemas.siteInfoSchema] : [],
    );
    expect(all.length).toBeGreaterThan(12);
    const runs = Math.ceil(numRuns / all.length);
    for (const schema of all) {
      fc.assert(
        fc.property(fc.nat(), fc.nat(), spiteful, (which, at, put) => {
          const answer = withSpite(wireSamples[which % wireSamples.length], at, put);
          try {
            // What was believed once is believed again, and is no more than it was.
            const believed = parseAnswer(schema, answer);
            expect(parseAnswer(schema, believed)).toEqual(believed);
          } catch (error) {
            if (!(error instanceof TransportError)) throw error;
          }
          expectClean();
        }),
        // Each schema meets the others' answers as well: ten thousand of them in all would be a hundred thousand.
        { seed, numRuns: Math.max(runs, Math.min(numRuns, 10_000)) },
      );
    }
  });
});

/** Cheaper than `expect`, a million times. */
const isSame = (value: unknown, bytes: Uint8Array): boolean =>
  value instanceof Uint8Array &&
  value.length === bytes.length &&
  value.every((byte, index) => byte === bytes[index]);

/** A sample with something else at one of its places. */
function withSpite(sample: unknown, at: number, put: unknown): unknown {
  const places: { in: Record<string, unknown>; key: string }[] = [];
  const copy = structuredClone(sample);
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
    for (const key of Object.keys(value)) {
      places.push({ in: value as Record<string, unknown>, key });
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  const place = places[at % (places.length + 1)];
  if (place === undefined) return put;
  place.in[place.key] = put;
  return copy;
}
