/** Every parser of what comes in, by spoilt and by arbitrary inputs: it takes or refuses, and does nothing else. */
import { encode } from '@msgpack/msgpack';
import { beforeAll, expect, test } from 'vitest';
import { rounds, seedFor } from '../../../scripts/rounds.js';
import { bytesTransformer } from '../../src/bytes-transformer.js';
import { decodeKeyPackage, KeyPackageError } from '../../src/devices/key-package.js';
import { parseToken } from '../../src/http/admission.js';
import { countedAs } from '../../src/http/client-address.js';
import { MediaError } from '../../src/media/contract.js';
import { checkCandidate, checkedSdp } from '../../src/media/sdp.js';
import { decodePayload } from '../../src/realtime/encoder.js';
import { checkFrame } from '../../src/realtime/frame-check.js';
import { appRouter } from '../../src/router.js';
import { siteKeySchema } from '../../src/ids.js';
import { makeKeyPackage } from '../key-packages.js';
import { makeDevice, makePerson } from '../person.js';
import { createMutation, isPolluted, type Mutation } from './mutation.js';
import { validInputs } from './valid-inputs.js';

const seed = seedFor('fuzz-parsers');
const cases = rounds({ short: 10_000, full: 1_000_000 });
/** The parsers of a schema library cost ten times as much: a million of all of them together. */
const casesOfSchema = rounds({ short: 10_000, full: 100_000 });
const timeoutMs = rounds({ short: 60_000, full: 600_000 });

/** Tries so many cases; what is thrown but is no refusal is told with the case. */
function fuzz(times: number, name: string, attempt: (mutation: Mutation) => void): void {
  const mutation = createMutation(seed);
  for (let index = 0; index < times; index += 1) {
    try {
      attempt(mutation);
    } catch (error) {
      throw new Error(`${name}, case ${String(index)} of seed ${String(seed)}`, { cause: error });
    }
  }
  expect(isPolluted()).toBe(false);
}

/** Runs a parser that may refuse by these errors only. */
function mayRefuse(
  parse: () => unknown,
  refusals: readonly (new (...parameters: never[]) => Error)[],
): void {
  try {
    parse();
  } catch (error) {
    if (!refusals.some((kind) => error instanceof kind)) throw error;
  }
}

const frames = Object.entries(validInputs).map(([path, input], id) =>
  encode({ id, method: 'mutation', params: { path, input } }, { ignoreUndefined: true }),
);

test('frames are measured', { timeout: timeoutMs }, () => {
  fuzz(cases, 'checkFrame', (mutation) => {
    const frame = mutation.bytes(mutation.pick(frames));
    mayRefuse(() => checkFrame(frame), [RangeError]);
  });
});

test('frames are decoded', { timeout: timeoutMs }, () => {
  fuzz(cases, 'decodePayload', (mutation) => {
    const frame = mutation.bytes(mutation.pick(frames));
    mayRefuse(() => decodePayload(frame), [Error]);
  });
});

let keyPackage: Uint8Array;
beforeAll(async () => {
  const site = { key: siteKeySchema.parse(`pk_${'s'.repeat(22)}`), domain: 'shop.example' };
  const person = makePerson(site as Parameters<typeof makePerson>[0], 'ada');
  keyPackage = await makeKeyPackage(person, makeDevice(person));
});

test('key packages are read', { timeout: timeoutMs }, () => {
  fuzz(cases, 'decodeKeyPackage', (mutation) => {
    // Most of it is one key; what is interesting lies at its ends.
    const spoilt = Uint8Array.from(keyPackage);
    for (let changes = mutation.below(3); changes >= 0; changes -= 1) {
      const near = mutation.below(64);
      spoilt[mutation.below(2) === 0 ? near : spoilt.length - 1 - near] = mutation.below(256);
    }
    const cut =
      mutation.below(4) === 0 ? spoilt.subarray(0, mutation.below(spoilt.length)) : spoilt;
    mayRefuse(() => decodeKeyPackage(cut), [KeyPackageError]);
  });
});

const sdp = [
  'v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd', 'a=ice-pwd:0123456789012345678901', 'a=fingerprint:sha-256 00:11', 'a=mid:0', '',
].join('\r\n'); // prettier-ignore

test('SDP and candidates are checked', { timeout: timeoutMs }, () => {
  fuzz(cases, 'SDP', (mutation) => {
    mayRefuse(() => checkedSdp(mutation.text(sdp), 4), [MediaError]);
    const candidate = mutation.text('candidate:1 1 udp 1 10.0.0.1 9 typ host');
    mayRefuse(() => checkCandidate({ candidate, sdpMid: null, sdpMLineIndex: null }), [MediaError]);
  });
});

test('bytes inside JSON are found', { timeout: timeoutMs }, () => {
  const valid = Object.values(validInputs).map((input) => bytesTransformer.serialize(input));
  fuzz(cases, 'bytesTransformer', (mutation) => {
    const spoilt = mutation.value(mutation.pick(valid));
    mayRefuse(() => bytesTransformer.deserialize(spoilt), [RangeError]);
  });
});

test('tokens and addresses are read', { timeout: timeoutMs }, () => {
  fuzz(cases, 'parseToken', (mutation) => {
    const token = parseToken(mutation.value('a'.repeat(43)));
    expect(token === null || token.length === 32).toBe(true);
    expect(typeof countedAs(mutation.text('2001:db8::1'))).toBe('string');
  });
});

interface Schema {
  safeParse(input: unknown): { success: boolean; data?: unknown };
}
const procedures = Object.entries(appRouter._def.procedures).map(([path, procedure]) => ({
  path,
  schema: (procedure as unknown as { _def: { inputs: Schema[] } })._def.inputs[0] as Schema,
}));

test('every procedure has a valid input to be spoilt', () => {
  expect(Object.keys(validInputs).sort()).toEqual(procedures.map(({ path }) => path).sort());
  for (const { path, schema } of procedures)
    expect([path, schema.safeParse(validInputs[path]).success]).toEqual([path, true]);
});

test.each(procedures)(
  'the input of $path is parsed',
  { timeout: timeoutMs },
  ({ path, schema }) => {
    fuzz(casesOfSchema, path, (mutation) => {
      const parsed = schema.safeParse(mutation.value(validInputs[path]));
      if (!parsed.success || typeof parsed.data !== 'object' || parsed.data === null) return;
      // What gets through has the fields of the schema and no others.
      for (const key of Object.keys(parsed.data))
        if (!Object.hasOwn(validInputs[path] as object, key)) throw new Error(`the field ${key}`);
    });
  },
);
