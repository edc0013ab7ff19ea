/** Which texts are folded at first: one message must not fill screen after screen. */

const lettersMax = 1_000;
const breaksMax = 24;

/** Whether a text is longer than one wants to scroll past. Marks on letters take no room of their own. */
export function isLong(text: string): boolean {
  if (text.length <= breaksMax) return false;
  return (
    text.split('\n', breaksMax + 2).length > breaksMax + 1 ||
    (text.length > lettersMax && text.replace(/\p{M}+/gu, '').length > lettersMax)
  );
}
