import { expect, it } from 'vitest';
import { initialsOf } from './initials.js';

it.each([
  ['Mira Sandoval', 'MS'],
  ['mira', 'M'],
  ['Zoë Ånström-Villanueva de la Cruz', 'ZC'],
  ['@tomasz@lumen.example', 'T'],
  ['山田 太郎', '山太'],
  ['👩🏽‍🌾 Farm', '👩🏽‍🌾F'],
  ['(Anna) -', 'A'],
  ['   ', '?'],
  ['', '?'],
])('stands for "%s" by %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
