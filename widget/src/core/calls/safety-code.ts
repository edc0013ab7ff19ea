/** The safety code of a call: four emoji that both ends read to each other. Equal exactly if both hold the same keys.
 *
 * Each of 4 bytes from the MLS exporter, modulo 64, names one of 64 emoji: 24 bits. Nobody can search for keys with
 * a certain code, since the keys come from an MLS epoch that both members authenticated. */

export const safetyCodeLabel = 'Parley call safety code';
export const safetyCodeBytes = 4;

/** Emoji that look different from each other at every size, each with the key of its name in the locales. */
// prettier-ignore
const table: readonly (readonly [emoji: string, name: string])[] = [
  ['🐶', 'dog'], ['🐱', 'cat'], ['🦁', 'lion'], ['🐴', 'horse'], ['🦄', 'unicorn'], ['🐷', 'pig'], ['🐘', 'elephant'],
  ['🐰', 'rabbit'], ['🐼', 'panda'], ['🐓', 'rooster'], ['🐧', 'penguin'], ['🐢', 'turtle'], ['🐟', 'fish'],
  ['🐙', 'octopus'], ['🦋', 'butterfly'], ['🌷', 'flower'], ['🌳', 'tree'], ['🌵', 'cactus'], ['🍄', 'mushroom'],
  ['🌏', 'globe'], ['🌙', 'moon'], ['☁️', 'cloud'], ['🔥', 'fire'], ['🍌', 'banana'], ['🍎', 'apple'],
  ['🍓', 'strawberry'], ['🌽', 'corn'], ['🍕', 'pizza'], ['🎂', 'cake'], ['❤️', 'heart'], ['😀', 'smiley'],
  ['🤖', 'robot'], ['🎩', 'hat'], ['👓', 'glasses'], ['🔧', 'spanner'], ['🎅', 'santa'], ['👍', 'thumbs_up'],
  ['☂️', 'umbrella'], ['⌛', 'hourglass'], ['⏰', 'clock'], ['🎁', 'gift'], ['💡', 'light_bulb'], ['📕', 'book'],
  ['✏️', 'pencil'], ['📎', 'paperclip'], ['✂️', 'scissors'], ['🔒', 'lock'], ['🔑', 'key'], ['🔨', 'hammer'],
  ['☎️', 'telephone'], ['🏁', 'flag'], ['🚂', 'train'], ['🚲', 'bicycle'], ['✈️', 'aeroplane'], ['🚀', 'rocket'],
  ['🏆', 'trophy'], ['⚽', 'ball'], ['🎸', 'guitar'], ['🎺', 'trumpet'], ['🔔', 'bell'], ['⚓', 'anchor'],
  ['🎧', 'headphones'], ['📁', 'folder'], ['📌', 'pin'],
];

export interface SafetyCodeSign {
  emoji: string;
  name: string;
}

/** Every name that may occur, for the locales. */
export const safetyCodeNames: readonly string[] = table.map(([, name]) => name);

/** @param exported `safetyCodeBytes` bytes of the exporter, with the call id as its context. */
export function safetyCode(exported: Uint8Array): SafetyCodeSign[] {
  return Array.from(exported, (byte) => {
    const [emoji = '', name = ''] = table[byte % table.length] ?? [];
    return { emoji, name };
  });
}
