import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesTransformer } from './bytes-transformer.js';

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 64 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'bytes', '$byte'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value; // prettier-ignore

test('what went through JSON comes back the same, bytes included', () => {
  fc.assert(
    fc.property(value, (original) => {
      const json = JSON.stringify(bytesTransformer.serialize(original));
      expect(bytesTransformer.deserialize(JSON.parse(json))).toEqual(original);
    }),
  );
});

test('a Buffer travels like any bytes, and only its own part of the memory', () => {
  const part = Buffer.from('secret-visible').subarray(7);
  expect(bytesTransformer.serialize({ part })).toEqual({
    part: { $bytes: Buffer.from('visible').toString('base64') },
  });
});

test('a value nested without end is refused instead of exhausting the stack', () => {
  const hostile = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) as unknown;
  expect(() => bytesTransformer.deserialize(hostile)).toThrow(RangeError);
});

test('a tag with anything but a string beside or inside it is plain data', () => {
  expect(bytesTransformer.deserialize({ $bytes: 1 })).toEqual({ $bytes: 1 });
  expect(bytesTransformer.deserialize({ $bytes: 'AA==', more: 1 })).toEqual({
    $bytes: 'AA==',
    more: 1,
  });
});

test('a key named __proto__ pollutes nothing', () => {
  const parsed = JSON.parse('{"__proto__": {"polluted": true}}') as unknown;
  const result = bytesTransformer.deserialize(parsed) as Record<string, unknown>;
  expect(result.polluted).toBeUndefined();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
