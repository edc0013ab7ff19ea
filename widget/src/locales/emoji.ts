/** Names of the emoji of a call's safety code, apart from the other words because only calls need them. */

/** By the key that the core gives: English and Hindi. */
const names: Readonly<Record<string, readonly [en: string, hi: string]>> = {
  turtle: ['turtle', 'कछुआ'],
  cactus: ['cactus', 'नागफनी'],
  balloon: ['balloon', 'गुब्बारा'],
  bell: ['bell', 'घंटी'],
};

/** The name of an emoji, to be read aloud to each other. @param tag BCP 47 */
export function emojiName(key: string, tag: string): string {
  const [en, hi] = names[key] ?? [key.replaceAll('_', ' '), key];
  return tag.startsWith('hi') ? hi : en;
}
