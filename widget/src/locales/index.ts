/** The language of the page's widget: one at a time, English at hand, the others loaded when asked for. */
import { en, type Words } from './en.js';
import { createFormat, type Format } from './format.js';
import { isolating } from './isolate.js';

/** A language as elements use it. */
export interface Locale {
  /** BCP 47. */
  tag: string;
  direction: 'ltr' | 'rtl';
  words: Words;
  format: Format;
}

/** The languages that the widget speaks. */
export const languages = ['en', 'hi'] as const;
/** A language that the widget speaks. */
export type Language = (typeof languages)[number];

const loaders: Record<Exclude<Language, 'en'>, () => Promise<Words>> = {
  hi: async () => (await import('./hi.js')).hi,
};

const rightToLeft = new Set(['ar', 'dv', 'fa', 'he', 'ks', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** Which way a language is written. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return rightToLeft.has(tag.toLowerCase().split('-')[0] ?? '') ? 'rtl' : 'ltr';
}

/** The language to use for a wish such as the page's `lang`: the same, or English. */
export function languageFor(tag: string): Language {
  const primary = tag.toLowerCase().split('-')[0];
  return languages.find((language) => language === primary) ?? 'en';
}

/** Puts words and formats together; what fills a sentence is isolated in it. Exported for languages that come from elsewhere than the loaders. */
export function createLocale(tag: string, words: Words): Locale {
  const direction = directionOf(tag);
  return { tag, direction, words: isolating(words, direction), format: createFormat(tag) };
}

let locale = createLocale('en', en);
let wanted = 'en';
const changes = new EventTarget();

/** The language in use. */
export function currentLocale(): Locale {
  return locale;
}

/** Calls `listener` after each change of language until the signal aborts. */
export function onLocaleChange(listener: () => void, signal: AbortSignal): void {
  changes.addEventListener('change', listener, { signal });
}

/** Uses these words from now on. */
export function useLocale(next: Locale): void {
  locale = next;
  wanted = next.tag;
  changes.dispatchEvent(new Event('change'));
}

/** Uses a language from now on, once it is loaded. A later wish overtakes an earlier one.
 * @param tag BCP 47, such as `en-GB`; its region decides how times are written. An unknown language is English. */
export async function useLanguage(tag: string): Promise<void> {
  const language = languageFor(tag);
  const full = tag.toLowerCase().startsWith(language) ? tag : language;
  wanted = full;
  const words = language === 'en' ? en : await loaders[language]();
  if (wanted === full && locale.tag !== full) useLocale(createLocale(full, words));
}
