/** Tells messages that are nothing but a few emoji: they are drawn large. */

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const pictograph =
  /^(?:\p{RI}{2}|[0-9#*]\uFE0F?\u20E3|\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Emoji}\p{EMod}|\p{Extended_Pictographic}\u200D)/u;

/** Whether a text is one to three emoji and no more. */
export function isFewEmoji(text: string): boolean {
  // The longest emoji sequences are some 30 code units; longer texts need no segmenting.
  if (text.length > 100) return false;
  let count = 0;
  for (const { segment } of graphemes.segment(text.trim())) {
    if (!pictograph.test(segment)) return false;
    count += 1;
  }
  return count >= 1 && count <= 3;
}
