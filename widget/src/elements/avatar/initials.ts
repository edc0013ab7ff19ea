/** What stands for a person without a picture. */

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const telling = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

function first(text: string): string {
  for (const { segment } of graphemes.segment(text))
    if (telling.test(segment)) return segment.toLocaleUpperCase();
  return '';
}

/** One or two letters: of the first and last word of a name, or the first of a handle.
 * @param name display name (any script, untrusted) or address */
export function initialsOf(name: string): string {
  const words = name.split(/[\s@]+/u).filter((word) => telling.test(word));
  if (name.startsWith('@')) return first(words[0] ?? '?');
  const last = words.length > 1 ? first(words[words.length - 1] ?? '') : '';
  return (first(words[0] ?? '?') || '?') + last;
}
