import { describe, expect, it } from 'vitest';
import { safetyCodeNames } from '../core/calls/safety-code.js';
import { emojiNames } from './emoji.js';
import { en } from './en.js';
import { hi } from './hi.js';
import { createFormat, daysBetween } from './format.js';
import { createLocale, currentLocale, directionOf, languageFor, useLanguage } from './index.js';

type Leaf = string | ((...values: never[]) => string);

/** Every text of a language by its path. */
function leaves(words: object, path = ''): Map<string, Leaf> {
  return new Map(
    Object.entries(words).flatMap(([key, value]: [string, object | Leaf]) =>
      typeof value === 'object'
        ? [...leaves(value, `${path}${key}.`)]
        : [[`${path}${key}`, value] as const],
    ),
  );
}

/** Every mark opens or closes an isolate around a text, and none is left open or closes another. */
function checkIsolated(key: string, sentence: string): void {
  expect(sentence, key).not.toMatch(/[\u202A-\u202E\u2066\u2067]/u);
  const around = sentence.replace(/\u2068(?:ليلى|evil)\u2069/gu, '');
  expect(around, key).not.toMatch(/[\u2068\u2069]|ليلى|evil/u);
}

describe('languages', () => {
  it('have the same keys, and functions in the same places', () => {
    const kinds = (words: object): string[] =>
      [...leaves(words)].map(([key, leaf]) => `${key} ${typeof leaf}`).sort();
    expect(kinds(hi)).toEqual(kinds(en));
  });

  it('leave nothing empty, and nothing untranslated', () => {
    const hindi = leaves(hi);
    for (const [key, leaf] of leaves(en)) {
      const other = hindi.get(key);
      if (typeof leaf !== 'string' || typeof other !== 'string') continue;
      expect(other.trim(), key).not.toBe('');
      expect(other, key).toMatch(/\p{Script=Devanagari}/u);
    }
  });

  it('say the same: what is to be typed, and each number, stands in both', () => {
    const hindi = leaves(hi);
    const literal = (leaf: Leaf | undefined): string[] => {
      const sentence = typeof leaf === 'function' ? leaf(...([7, 7] as never[])) : (leaf ?? '');
      return [...new Set(sentence.match(/@[a-z@.]*[a-z]|https?|\d+(?:,\d+)*/gu))].sort();
    };
    for (const [key, leaf] of leaves(en))
      expect(literal(hindi.get(key)), key).toEqual(literal(leaf));
    expect(literal(en.compose.nobodyHere)).toEqual(['7', '@handle@site']);
  });

  it('name every emoji of the safety code, each differently', () => {
    expect(Object.keys(emojiNames).sort()).toEqual([...safetyCodeNames].sort());
    for (const language of [0, 1] as const)
      expect(new Set(Object.values(emojiNames).map((names) => names[language])).size).toBe(64);
  });

  it('count', () => {
    expect(en.conversation.unread(1)).toBe('1 new message');
    expect(en.conversation.unread(2)).toBe('2 new messages');
    expect(hi.conversation.unread(0)).toBe('0 नया संदेश');
    expect(hi.conversation.unread(2)).toBe('2 नए संदेश');
  });

  it('isolate whatever fills a sentence, so that it turns nothing around it', async () => {
    const arabic = 'ليلى';
    const hostile = '\u202Eevil\u2069\u2069\u2067';
    for (const tag of ['en', 'hi']) {
      await useLanguage(tag);
      const { words } = currentLocale();
      expect(words.conversation.log(arabic)).toContain(`\u2068${arabic}\u2069`);
      expect(words.conversation.log('Mira')).not.toMatch(/[\u2066-\u2069]/u);
      for (const [key, leaf] of leaves(words)) {
        if (typeof leaf !== 'function') continue;
        for (const name of [arabic, hostile])
          checkIsolated(key, leaf(...([name, name] as never[])));
      }
    }
    await useLanguage('en');
  });

  it('isolate even the plainest name in a sentence written from right to left', () => {
    expect(createLocale('ar', en).words.conversation.log('Mira')).toBe(
      'Messages with \u2068Mira\u2069',
    );
  });

  it('blame nobody and do not shout', () => {
    for (const words of [en, hi])
      for (const [key, leaf] of leaves(words))
        if (typeof leaf === 'string') expect(leaf, key).not.toMatch(/!|oops/iu);
  });

  it('are found by the page’s wish', () => {
    expect(languageFor('hi-IN')).toBe('hi');
    expect(languageFor('en-GB')).toBe('en');
    expect(languageFor('fr')).toBe('en');
    expect(directionOf('ar-EG')).toBe('rtl');
    expect(directionOf('hi')).toBe('ltr');
  });

  it('are loaded when asked for, the last wish first', async () => {
    const first = useLanguage('hi');
    const second = useLanguage('en-GB');
    await Promise.all([first, second]);
    expect(currentLocale().tag).toBe('en-GB');
    await useLanguage('hi');
    expect(currentLocale().words.app.close).toBe(hi.app.close);
    await useLanguage('en');
  });
});

describe('times', () => {
  const format = createFormat('en');
  const now = new Date(2026, 4, 12, 15, 5).getTime();
  const dayMs = 86_400_000;

  it('are told by calendar days, not by hours', () => {
    const late = new Date(2026, 4, 11, 23, 59).getTime();
    expect(daysBetween(late, new Date(2026, 4, 12, 0, 1).getTime())).toBe(1);
    expect(format.day(late, now)).toBe('Yesterday');
    expect(format.day(now, now)).toBe('Today');
    expect(format.day(now - 3 * dayMs, now)).toBe('Saturday');
    expect(format.day(now - 30 * dayMs, now)).toBe('April 12');
    expect(format.day(now - 400 * dayMs, now)).toBe('April 7, 2025');
  });

  it('are brief in lists', () => {
    expect(format.brief(now, now)).toMatch(/3:05\sPM/u);
    expect(format.brief(now - 3 * dayMs, now)).toBe('Sat');
    expect(format.brief(now - 30 * dayMs, now)).toBe('Apr 12');
  });

  it('run in calls', () => {
    expect(format.duration(5)).toBe('0:05');
    expect(format.duration(764)).toBe('12:44');
    expect(format.duration(3_905)).toBe('1:05:05');
    expect(format.duration(-1)).toBe('0:00');
  });
});
