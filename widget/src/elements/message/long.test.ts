import { expect, it } from 'vitest';
import { isLong } from './long.js';

it('folds what has many letters', () => {
  expect(isLong('w'.repeat(1_000))).toBe(false);
  expect(isLong('w'.repeat(1_001))).toBe(true);
});

it('folds what has many breaks', () => {
  expect(isLong('a' + '\n'.repeat(24))).toBe(false);
  expect(isLong('a' + '\n'.repeat(25))).toBe(true);
});

it('counts letters, not the marks on them', () => {
  expect(isLong(`a${'\u0301'.repeat(7_999)}`)).toBe(false);
  expect(isLong('नमस्ते '.repeat(200))).toBe(false);
  expect(isLong('नमस्ते '.repeat(201))).toBe(true);
});
