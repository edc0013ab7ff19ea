import { expect, it } from 'vitest';
import { faultOf, tidyHandle } from './handle-rule.js';

it.each([
  ['ab', 'short'],
  ['abc', null],
  ['a'.repeat(30), null],
  ['a'.repeat(31), 'long'],
  ['a-b', 'letters'],
  ['mіra', 'letters'],
  ['Mira', 'letters'],
  ['a b c', 'letters'],
  ['_0_', null],
])('finds in "%s" the fault %s', (handle, fault) => {
  expect(faultOf(handle)).toBe(fault);
});

it('forgives the sign, capitals and spaces around', () => {
  expect(tidyHandle('  @Mira_1 ')).toBe('mira_1');
});
