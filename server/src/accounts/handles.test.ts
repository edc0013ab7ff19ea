import { describe, expect, test } from 'vitest';
import { isReserved, parseHandle } from './handles.js';

describe('the rule of handles', () => {
  test.each([
    ['abc', 'abc'],
    ['a'.repeat(30), 'a'.repeat(30)],
    ['Ada_99', 'ada_99'],
    ['___', '___'],
  ])('takes %s', (text, handle) => {
    expect(parseHandle(text)).toBe(handle);
  });

  test.each([
    ['two characters', 'ab'],
    ['31 characters', 'a'.repeat(31)],
    ['nothing', ''],
    ['a space', 'ada lovelace'],
    ['a hyphen', 'ada-lovelace'],
    ['an @', '@ada'],
    ['a line break at the end', 'ada\n'],
    ['a Cyrillic а', '\u0430da'],
    ['a Greek ο', 'b\u03bfb'],
    ['a full-width letter', '\uff41da'],
    ['the Kelvin sign, which folds to k', '\u212aing'],
    ['a dotless ı', 'ad\u0131'],
    ['a letter with an accent', 'adé'],
    ['a combining accent', 'ade\u0301'],
    ['a zero-width joiner', 'ad\u200da'],
    ['a right-to-left override', '\u202eada'],
    ['an Arabic digit', 'ada\u0661'],
    ['an emoji', 'ada🙂'],
  ])('refuses %s', (_what, text) => {
    expect(parseHandle(text)).toBeNull();
  });
});

describe('reserved handles', () => {
  test.each([
    'admin',
    'parley',
    'support',
    'adm1n',
    'supp0rt',
    '_admin_',
    'help_desk',
    '5taff',
    'officiai',
  ])('%s is nobody’s', (handle) => {
    expect(isReserved(handle)).toBe(true);
  });

  test.each(['ada', 'administrate', 'supporter', 'badmin', 'helper', 'bob', 'team_rocket'])(
    '%s is free for people',
    (handle) => {
      expect(isReserved(handle)).toBe(false);
    },
  );
});
