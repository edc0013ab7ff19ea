import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes, toBase64Url } from '../bytes.js';
import type { CallId, MessageId } from '../ids.js';
import { contentBytesMax } from '../mls/messages.js';
import {
  cleanDisplayName,
  ContentError,
  decodeContent,
  displayNameCharactersMax,
  encodeContent,
  prepareText,
  resendMax,
  textCharactersMax,
  withTurn,
  type KnownContent,
  type TextContent,
} from './index.js';

const id = () => toBase64Url(randomBytes(16)) as MessageId;
const said = (text: string): TextContent => ({ type: 'text', id: id(), at: 1, text });
const malformed: unknown = expect.objectContaining({ code: 'malformed' });

const ids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => toBase64Url(bytes));
const turns = fc.record({
  run: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => toBase64Url(bytes)),
  count: fc.integer({ min: 1 }),
});
const base = { id: ids as fc.Arbitrary<MessageId>, at: fc.nat() };
const originals = [
  fc.record({
    ...base,
    type: fc.constant('text' as const),
    text: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
  }),
  fc.record({
    ...base,
    type: fc.constant('profile' as const),
    displayName: fc.string({ maxLength: displayNameCharactersMax }),
  }),
  fc.record({
    ...base,
    type: fc.constant('call' as const),
    callId: ids as unknown as fc.Arbitrary<CallId>,
    action: fc.constantFrom('invite' as const, 'answer' as const, 'end' as const),
    video: fc.boolean(),
    salt: ids,
    seconds: fc.nat(1e6),
  }),
] as const;
const contents: fc.Arbitrary<KnownContent> = fc.oneof(
  ...originals,
  fc.record({
    ...base,
    type: fc.constant('resend' as const),
    seqs: fc.array(fc.integer({ min: 1 }), { minLength: 1, maxLength: resendMax }),
  }),
  fc.record({
    ...base,
    type: fc.constant('missing' as const),
    turns: fc.array(turns, { minLength: 1, maxLength: resendMax }),
  }),
  fc.record({
    ...base,
    type: fc.constant('again' as const),
    seq: fc.integer({ min: 1 }),
    original: fc.oneof(...originals),
  }),
);

test('every content comes back as it was said', () => {
  fc.assert(
    fc.property(contents, (content) => {
      expect(decodeContent(encodeContent(content))).toEqual(content);
    }),
  );
});

test('every content comes back with the turn that it was given', () => {
  fc.assert(
    fc.property(contents, turns, (content, turn) => {
      expect(decodeContent(withTurn(encodeContent(content), turn))).toEqual({ ...content, turn });
    }),
  );
});

test('bytes of any kind give a content or one error', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.anything().map((value) => tryEncode(value)),
  );
  fc.assert(
    fc.property(bytes, (value) => {
      try {
        decodeContent(value);
      } catch (error) {
        expect(error).toBeInstanceOf(ContentError);
        expect((error as Error).cause).toBeUndefined();
      }
    }),
    { numRuns: 2_000 },
  );
});

test('altering a valid content gives a content or one error', () => {
  fc.assert(
    fc.property(contents, fc.nat(), fc.nat(255), (content, position, byte) => {
      const bytes = encodeContent(content);
      bytes[position % bytes.length] = byte;
      try {
        decodeContent(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ContentError);
      }
    }),
  );
});

function tryEncode(value: unknown): Uint8Array {
  try {
    return encode(value);
  } catch {
    return new Uint8Array();
  }
}

describe('bounds', () => {
  test('text of 1 and 8,000 UTF-16 units passes, 0 and 8,001 do not', () => {
    for (const length of [1, textCharactersMax]) {
      expect(decodeContent(encodeContent(said('क'.repeat(length))))).toMatchObject({
        type: 'text',
      });
    }
    for (const length of [0, textCharactersMax + 1]) {
      expect(() => encodeContent(said('a'.repeat(length)))).toThrow(malformed);
      expect(() => decodeContent(encode(said('a'.repeat(length))))).toThrow(malformed);
    }
  });

  test('the longest text in the widest letters fits a message', () => {
    const longest = encodeContent(said('क'.repeat(textCharactersMax)));
    const turn = { run: 'a'.repeat(11), count: Number.MAX_SAFE_INTEGER };
    expect(withTurn(longest, turn).length).toBeLessThan(contentBytesMax);
  });

  test('a resend asks for at most 50', () => {
    const asking = (count: number) =>
      encodeContent({
        type: 'resend',
        id: id(),
        at: 1,
        seqs: Array.from({ length: count }, (_, i) => i + 1),
      });
    expect(() => asking(resendMax)).not.toThrow();
    expect(() => asking(resendMax + 1)).toThrow(malformed);
    expect(() => asking(0)).toThrow(malformed);
    const missing = (count: number) =>
      encodeContent({
        type: 'missing',
        id: id(),
        at: 1,
        turns: Array.from({ length: count }, (_, i) => ({ run: 'a'.repeat(11), count: i + 1 })),
      });
    expect(() => missing(resendMax)).not.toThrow();
    expect(() => missing(resendMax + 1)).toThrow(malformed);
    expect(() => missing(0)).toThrow(malformed);
  });

  test('ids have 16 bytes', () => {
    expect(() => encodeContent({ ...said('a'), id: 'short' as MessageId })).toThrow(malformed);
  });
});

test('a type of a later version survives as unknown, with its place', () => {
  const later = { type: 'reaction', id: id(), at: 5, emoji: 'x' };
  expect(decodeContent(encode(later))).toEqual({
    type: 'unknown',
    id: later.id,
    at: 5,
    name: 'reaction',
  });
});

test('fields of a later version are dropped', () => {
  const message = said('hello');
  expect(decodeContent(encode({ ...message, colour: 'red' }))).toEqual(message);
});

test('keys that would reach a prototype change nothing', () => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    const bytes = encode({ ...said('x'), [key.replaceAll('_', '-')]: { polluted: true } });
    const needle = new TextEncoder().encode(key.replaceAll('_', '-'));
    const position = bytes.findIndex((_, index) =>
      needle.every((byte, offset) => bytes[index + offset] === byte),
    );
    bytes.set(new TextEncoder().encode(key), position);
    let content: object = {};
    try {
      content = decodeContent(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(ContentError);
    }
    expect((content as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  }
});

test('errors hold nothing of what was said', () => {
  try {
    encodeContent({ ...said('canary'), at: -1 });
    expect.unreachable();
  } catch (error) {
    expect(JSON.stringify(error) + String(error) + String((error as Error).cause)).not.toContain(
      'canary',
    );
  }
});

describe('typed text', () => {
  test('is trimmed, bounded and well-formed', () => {
    expect(prepareText('  hello \n')).toEqual({ text: 'hello' });
    expect(prepareText(' \n\t ')).toEqual({ problem: 'message_empty' });
    expect(prepareText('a'.repeat(textCharactersMax))).toHaveProperty('text');
    expect(prepareText('a'.repeat(textCharactersMax + 1))).toEqual({ problem: 'message_too_long' });
    expect(prepareText('a\ud800b')).toEqual({ text: 'a\ufffdb' });
    expect(prepareText('👋')).toEqual({ text: '👋' });
  });

  test('display names cannot reorder or break the line', () => {
    expect(cleanDisplayName(' Mira\u202e\n evil ')).toBe('Mira evil');
    expect(cleanDisplayName('मीरा')).toBe('मीरा');
    expect(cleanDisplayName('\u0000')).toBe('');
    expect(cleanDisplayName('👋'.repeat(40)).length).toBeLessThanOrEqual(displayNameCharactersMax);
    expect(cleanDisplayName(`a${'👋'.repeat(40)}`)).toMatch(/👋$/u);
  });

  test.each([
    ['towers of marks', `Z${'\u0301'.repeat(40)}oe`, `Z${'\u0301'.repeat(4)}oe`],
    ['nothing that leaves ink', '\u200b\u3164\u2800\u200d', ''],
    ['marks without a letter', '\u0301\u0301', ''],
    ['the sign of a handle', ' @@admin', 'admin'],
    ['signs of trust', 'Mira \u2714\ufe0f \u{1f512}', 'Mira'],
    ['isolates and embeddings', '\u2067Mira\u2069 \u202bB', 'Mira B'],
  ])('a name loses %s', (_what, name, shown) => {
    expect(cleanDisplayName(name)).toBe(shown);
  });

  test.each(['Nguyễn Thị'.normalize('NFD'), 'क्ष्म्य', 'مُحَمَّد', 'שָׁלוֹם', '👩🏽‍🌾 Ann', 'O’Brien-Søe', 'ཀྱཱིཿ'])(
    'the name %s stays as its owner writes it',
    (name) => {
      expect(cleanDisplayName(name)).toBe(name);
    },
  );
});
