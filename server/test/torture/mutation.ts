/** Cheap hostile inputs from a seed: valid ones spoilt, and arbitrary ones of fast-check's making. */
import fc from 'fast-check';
import { randomOf } from '../../../scripts/rounds.js';

export interface Mutation {
  /** From 0 to 1, and an integer below a bound. */
  random(): number;
  below(bound: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** Bytes like these, with some of them changed, cut, doubled or made up. */
  bytes(valid: Uint8Array): Uint8Array;
  text(valid: string): string;
  /** A value like this one with a part replaced, taken away or added; sometimes anything at all. */
  value(valid: unknown): unknown;
}

const poolSize = 3_000;
const evilKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'then',
  'length',
  '',
  '\u0000',
];
const evilTexts = [
  '',
  '\u0000',
  '__proto__',
  '\ud800',
  '\u202e',
  "' OR 1=1 --",
  '../../etc',
  '$1',
  'NaN',
];
const evilNumbers = [
  0,
  -0,
  -1,
  1,
  2 ** 31,
  2 ** 32,
  2 ** 40,
  2 ** 53,
  -(2 ** 53),
  NaN,
  Infinity,
  0.5,
  1e308,
];

let latest: { seed: number; pool: unknown[] } | null = null;

/** Arbitrary values; made once for all tests of a file, for that takes longer than they do. */
function poolOf(seed: number): unknown[] {
  if (latest?.seed === seed) return latest.pool;
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withTypedArray: true,
    maxDepth: 4,
  });
  const pool = fc.sample(anything, { seed, numRuns: poolSize });
  latest = { seed, pool };
  return pool;
}

/** @param seed makes the same sequence again. */
export function createMutation(seed: number): Mutation {
  const random = randomOf(seed);
  const pool = poolOf(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;

  function bytes(valid: Uint8Array): Uint8Array {
    if (below(8) === 0) return Uint8Array.from({ length: below(64) }, () => below(256));
    const spoilt = Uint8Array.from(valid);
    for (let changes = below(4); changes >= 0 && spoilt.length > 0; changes -= 1)
      spoilt[below(spoilt.length)] =
        below(3) === 0 ? pick([0, 0x7f, 0x80, 0xc1, 0xdf, 0xff]) : below(256);
    const at = below(spoilt.length + 1);
    switch (below(5)) {
      case 0:
        return spoilt.subarray(0, at);
      case 1:
        return Uint8Array.from([...spoilt.subarray(0, at), ...spoilt.subarray(below(at + 1))]);
      default:
        return spoilt;
    }
  }

  function text(valid: string): string {
    if (below(6) === 0) return pick(evilTexts);
    const at = below(valid.length + 1);
    const inserted = String.fromCharCode(below(5) === 0 ? below(0x10000) : below(128));
    return pick([
      valid.slice(0, at),
      valid.slice(0, at) + inserted + valid.slice(at),
      valid.slice(0, at) + inserted + valid.slice(at + 1),
      valid + valid.slice(at),
      valid.toUpperCase(),
    ]);
  }

  function leaf(valid: unknown): unknown {
    if (below(4) === 0) return pick(pool);
    if (valid instanceof Uint8Array) return bytes(valid);
    if (typeof valid === 'string') return text(valid);
    if (typeof valid === 'number') return pick(evilNumbers);
    return pick(pool);
  }

  function value(valid: unknown): unknown {
    if (below(10) === 0) return pick(pool);
    if (typeof valid !== 'object' || valid === null || valid instanceof Uint8Array)
      return leaf(valid);
    if (Array.isArray(valid)) {
      const copy: unknown[] = [...(valid as unknown[])];
      if (below(4) === 0) copy.push(...Array<unknown>(below(600)).fill(pick(pool)));
      else if (copy.length > 0) copy[below(copy.length)] = value(copy[below(copy.length)]);
      return copy;
    }
    const entries = Object.entries(valid);
    const [key] = pick(entries.length > 0 ? entries : [['a', 1]]);
    const copy = Object.fromEntries(entries);
    switch (below(6)) {
      case 0:
        return Object.fromEntries(entries.filter(([name]) => name !== key));
      case 1:
        // As JSON and MessagePack would bring it: a key of one's own, whatever its name.
        Object.defineProperty(copy, pick(evilKeys), { value: pick(pool), enumerable: true });
        return copy;
      default:
        return { ...copy, [key]: value(copy[key]) };
    }
  }

  return { random, below, pick, bytes, text, value };
}

/** Whether something has reached what all objects share. */
export function isPolluted(): boolean {
  return Object.keys(Object.prototype).length > 0 || 'polluted' in {} || 'isAdmin' in {};
}
