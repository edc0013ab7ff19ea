import { custom } from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as s from './schema.js';

function refuses(schema: s.Schema<unknown>, ...values: unknown[]): void {
  for (const value of values)
    expect(() => s.parse(schema, value), `${typeof value} ${String(value)}`).toThrow(s.SchemaError);
}
function keeps(schema: s.Schema<unknown>, ...values: unknown[]): void {
  for (const value of values) expect(s.parse(schema, value)).toBe(value);
}

describe('single values', () => {
  test('numbers between their bounds, and nothing that only compares like one', () => {
    keeps(s.number(0, 10), 0, 0.5, 10);
    refuses(s.number(0, 10), -0.1, 10.1, NaN, Infinity, '5', 5n, [5], null, undefined, new Date(5));
  });

  test('integers, of the safe ones', () => {
    keeps(s.integer(1), 1, Number.MAX_SAFE_INTEGER);
    keeps(s.integer(-2, 3), -2, 0, 3);
    refuses(s.integer(1), 0, 1.5, Number.MAX_SAFE_INTEGER + 1, NaN, Infinity, '1', 1n, true);
    refuses(s.integer(-2, 3), -3, 4);
  });

  test('text by its length in UTF-16 code units, or by its pattern', () => {
    keeps(s.text(2, 1), 'a', '😀');
    refuses(s.text(2, 1), '', 'abc', '😀a', ['a'], new String('a'));
    keeps(s.matching(/^a+$/, 3), 'a', 'aaa');
    refuses(s.matching(/^a+$/, 3), '', 'b', 'aaaa', ['a'], { toString: () => 'a' });
  });

  test('bytes by their number', () => {
    keeps(s.bytes(2), new Uint8Array(1), new Uint8Array(2));
    refuses(s.bytes(2), new Uint8Array(0), new Uint8Array(3), [1], { length: 1 }, 'a');
    keeps(s.bytes(0, 0), new Uint8Array(0));
  });

  test('one of some words, or true and false, or nothing', () => {
    keeps(s.oneOf(['message', 'commit']), 'message', 'commit');
    refuses(s.oneOf(['message', 'commit']), 'other', '', undefined, ['message'], 'constructor');
    keeps(s.boolean(), true, false);
    refuses(s.boolean(), 0, 1, 'true', null, undefined);
    keeps(s.nullable(s.text(1)), null, 'a');
    refuses(s.nullable(s.text(1)), undefined, 'ab');
  });
});

describe('lists', () => {
  test('as long as agreed, of items that are all of the schema', () => {
    const schema = s.list(s.integer(0), 2, 1);
    expect(s.parse(schema, [1])).toEqual([1]);
    expect(s.parse(schema, [1, 2])).toEqual([1, 2]);
    refuses(schema, [], [1, 2, 3], [1, 'a'], { length: 1, 0: 1 }, new Uint8Array(1), 'a', null);
  });

  test('are counted before one item is looked at', () => {
    let looked = 0;
    const item = custom(() => {
      looked += 1;
      return false;
    });
    refuses(s.list(item, 2), [1, 2, 3]);
    expect(looked).toBe(0);
    refuses(s.list(item, 3), [1, 2, 3]);
    expect(looked, 'and no further than the first fault').toBe(1);
  });
});

describe('objects', () => {
  const schema = s.object({ name: s.text(4), age: s.optional(s.integer(0)) });

  test('are copied, with nothing but what is named', () => {
    const given = { name: 'Mira', surprise: 1 };
    const taken = s.parse(schema, given);
    expect(taken).toStrictEqual({ name: 'Mira' });
    expect(taken).not.toBe(given);
    expectTypeOf(taken).toEqualTypeOf<{ name: string; age?: number }>();
  });

  test('may lack what is optional, and that alone', () => {
    expect(s.parse(schema, { name: 'Mira', age: 1 })).toStrictEqual({ name: 'Mira', age: 1 });
    expect(s.parse(schema, { name: 'Mira', age: undefined })).toStrictEqual({ name: 'Mira' });
    refuses(schema, { age: 1 }, { name: undefined }, { name: 'Mira', age: null });
  });

  test('have their properties themselves, whatever their prototype or that of all objects has', () => {
    refuses(schema, Object.create({ name: 'Mira' }));
    refuses(s.object({ constructor: s.unknown(), toString: s.matching(/./) }), {});
    const prototype = Object.prototype as { name?: string };
    prototype.name = 'Mira';
    try {
      refuses(schema, {});
      expect(Object.keys(s.parse(schema, { name: 'Tom' }))).toEqual(['name']);
    } finally {
      delete prototype.name;
    }
  });

  test('are neither lists nor texts nor nothing', () => {
    refuses(
      schema,
      Object.assign([], { name: 'Mira' }),
      new Uint8Array(1),
      'Mira',
      null,
      undefined,
    );
    refuses(s.object({}), [], 'a', 1, null, undefined);
  });
});

describe('unions', () => {
  const schema = s.union('type', [
    s.kind({ type: s.literal('said'), text: s.text(3) }),
    s.kind({ type: s.literal('left') }),
  ]);

  test('are of the kind that they say', () => {
    expect(s.parse(schema, { type: 'said', text: 'yes', more: 1 })).toStrictEqual({
      type: 'said',
      text: 'yes',
    });
    expect(s.parse(schema, { type: 'left', text: 'yes' })).toStrictEqual({ type: 'left' });
    expectTypeOf<s.TypeOf<typeof schema>>().toEqualTypeOf<
      { type: 'said'; text: string } | { type: 'left' }
    >();
  });

  test('and of no other', () => {
    refuses(schema, { type: 'said' }, { type: 'said', text: 'long' }, { type: 'other' }, {});
    refuses(schema, { type: 'constructor' }, { type: '__proto__' }, { type: ['left'] });
    refuses(schema, Object.create({ type: 'left' }), 'left', null, ['left']);
  });
});

test('an error says nothing of the value', () => {
  const secret = 'correct horse battery staple';
  try {
    s.parse(s.object({ text: s.text(3) }), { text: secret });
    expect.unreachable();
  } catch (error) {
    expect((error as Error).cause).toBeUndefined();
    expect(
      `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack ?? ''}`,
    ).not.toContain(secret);
  }
});
