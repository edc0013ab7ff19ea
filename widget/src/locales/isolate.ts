/** Keeps what others call themselves from turning the sentences around it: names are foreign text, in any script. */
import type { Words } from './en.js';

/** Marks that open, turn or close a direction; a name that closes ours would be loose in the sentence. */
const directions = /[\u202A-\u202E\u2066-\u2069]/gu;
/** These have one direction, left to right. */
const ascii = /^[ -~]*$/u;

/** @returns the text between U+2068 and U+2069, for sentences that are no markup; as markup it is `<bdi>`.
 * Source: Unicode Standard Annex #9, section 2.4. */
export function isolate(text: string): string {
  return `\u2068${text.replace(directions, '')}\u2069`;
}

type Leaf = string | ((...values: (string | number)[]) => string);
interface Tree {
  [key: string]: Tree | Leaf;
}

/** The same words, with every text that a sentence is filled with isolated in it.
 * @param direction of the language: within left to right plain ASCII needs no marks, and can be found and copied without */
export function isolating(words: Words, direction: 'ltr' | 'rtl'): Words {
  const fill = (value: string | number): string | number =>
    typeof value === 'number' || (direction === 'ltr' && ascii.test(value))
      ? value
      : isolate(value);
  const wrap = (tree: Tree): Tree =>
    Object.fromEntries(
      Object.entries(tree).map(([key, one]): [string, Tree | Leaf] => {
        if (typeof one === 'function') return [key, (...values) => one(...values.map(fill))];
        return [key, typeof one === 'object' ? wrap(one) : one];
      }),
    );
  return wrap(words as unknown as Tree) as unknown as Words;
}
