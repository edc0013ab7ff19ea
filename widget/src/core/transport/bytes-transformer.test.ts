import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesTransformer } from './bytes-transformer.js';

it('carries bytes anywhere in a value through JSON', () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.uint8Array(),
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(fc.stringMatching(/^[a-z]+$/), tie('value'), { noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(value, (original) => {
      const text = JSON.stringify(bytesTransformer.serialize(original));
      expect(bytesTransformer.deserialize(JSON.parse(text))).toEqual(original);
    }),
  );
});

it('carries more bytes than a function takes parameters', () => {
  const bytes = new Uint8Array(300_000).map((_, index) => index);
  const back = bytesTransformer.deserialize(bytesTransformer.serialize(bytes)) as Uint8Array;
  expect(Buffer.compare(back, bytes)).toBe(0);
});

it('refuses what is nested too deep', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100; level += 1) deep = [deep];
  expect(() => bytesTransformer.deserialize(deep)).toThrow(RangeError);
});
