/** Names of the emoji of a call's safety code, apart from the other words because only calls need them. */

/** By the key that the core gives: English and Hindi. */
// prettier-ignore
export const emojiNames: Readonly<Record<string, readonly [en: string, hi: string]>> = {
  dog: ['dog', 'कुत्ता'], cat: ['cat', 'बिल्ली'], lion: ['lion', 'शेर'], horse: ['horse', 'घोड़ा'],
  unicorn: ['unicorn', 'यूनिकॉर्न'], pig: ['pig', 'सूअर'], elephant: ['elephant', 'हाथी'], rabbit: ['rabbit', 'खरगोश'],
  panda: ['panda', 'पांडा'], rooster: ['rooster', 'मुर्गा'], penguin: ['penguin', 'पेंगुइन'], turtle: ['turtle', 'कछुआ'],
  fish: ['fish', 'मछली'], octopus: ['octopus', 'ऑक्टोपस'], butterfly: ['butterfly', 'तितली'], flower: ['flower', 'फूल'],
  tree: ['tree', 'पेड़'], cactus: ['cactus', 'नागफनी'], mushroom: ['mushroom', 'मशरूम'], globe: ['globe', 'पृथ्वी'],
  moon: ['moon', 'चाँद'], cloud: ['cloud', 'बादल'], fire: ['fire', 'आग'], banana: ['banana', 'केला'],
  apple: ['apple', 'सेब'], strawberry: ['strawberry', 'स्ट्रॉबेरी'], corn: ['corn', 'भुट्टा'], pizza: ['pizza', 'पिज़्ज़ा'],
  cake: ['cake', 'केक'], heart: ['heart', 'दिल'], smiley: ['smiley', 'मुस्कान'], robot: ['robot', 'रोबोट'],
  hat: ['hat', 'टोपी'], glasses: ['glasses', 'चश्मा'], spanner: ['spanner', 'पाना'], santa: ['santa', 'सांता'],
  thumbs_up: ['thumbs up', 'अँगूठा'], umbrella: ['umbrella', 'छाता'], hourglass: ['hourglass', 'रेतघड़ी'], clock: ['clock', 'घड़ी'],
  gift: ['gift', 'उपहार'], light_bulb: ['light bulb', 'बल्ब'], book: ['book', 'किताब'], pencil: ['pencil', 'पेंसिल'],
  paperclip: ['paperclip', 'क्लिप'], scissors: ['scissors', 'कैंची'], lock: ['lock', 'ताला'], key: ['key', 'चाबी'],
  hammer: ['hammer', 'हथौड़ा'], telephone: ['telephone', 'टेलीफ़ोन'], flag: ['flag', 'झंडा'], train: ['train', 'रेलगाड़ी'],
  bicycle: ['bicycle', 'साइकिल'], aeroplane: ['aeroplane', 'हवाई जहाज़'], rocket: ['rocket', 'रॉकेट'], trophy: ['trophy', 'ट्रॉफ़ी'],
  ball: ['ball', 'गेंद'], guitar: ['guitar', 'गिटार'], trumpet: ['trumpet', 'तुरही'], bell: ['bell', 'घंटी'],
  anchor: ['anchor', 'लंगर'], headphones: ['headphones', 'हेडफ़ोन'], folder: ['folder', 'फ़ोल्डर'], pin: ['pin', 'पिन'],
};

/** The name of an emoji, to be read aloud to each other. @param tag BCP 47 */
export function emojiName(key: string, tag: string): string {
  const [en, hi] = emojiNames[key] ?? [key, key];
  return tag.startsWith('hi') ? hi : en;
}
