/** Finds web addresses in what people write. Everything here treats the text as hostile. */

/** Text, or text that leads somewhere. */
export interface Piece {
  text: string;
  href?: string;
}

const candidate = /https?:\/\/[^\s<>"'`]+/giu;
/** Marks that turn the direction of text around could make an address read as another. */
const directionMarks = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const asciiOnly = /^[\u0021-\u007E]*$/u;

const scripts = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Cherokee',
  'Georgian',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Bengali',
  'Thai',
  'Hangul',
  'Han',
  'Hiragana',
  'Katakana',
].map((script) => new RegExp(`\\p{Script=${script}}`, 'u'));

/** Letters of several scripts in one host, its top level included: the classic disguise. */
function mixesScripts(host: string): boolean {
  return scripts.filter((script) => script.test(host)).length > 1;
}

const brackets = { ')': '(', ']': '[', '}': '{' };

/** Cuts off what ends a sentence, not an address: full stops, and closing brackets that were not opened in it.
 * In one pass: eight thousand brackets must not hold up the page. */
function trim(text: string): string {
  const times = (mark: string): number => text.split(mark).length;
  const unopened = new Map(
    Object.entries(brackets).map(([closing, opening]) => [
      closing,
      times(closing) - times(opening),
    ]),
  );
  let end = text.length;
  for (; end > 0; end -= 1) {
    const last = text[end - 1] ?? '';
    const surplus = unopened.get(last) ?? 0;
    if (surplus > 0) unopened.set(last, surplus - 1);
    else if (!'.,;:!?…।'.includes(last)) break;
  }
  return text.slice(0, end);
}

function link(text: string): Piece | null {
  if (directionMarks.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  // `https://bank.example@evil.example` leads to evil.example.
  if (url.username !== '' || url.password !== '' || url.hostname === '') return null;
  const host = /^https?:\/\/([^/?#:]*)/iu.exec(text)?.[1] ?? '';
  const shown =
    !asciiOnly.test(host) && mixesScripts(host) ? text.replace(host, url.hostname) : text;
  return { text: shown, href: url.href };
}

/** Marks that write text backwards, so that `exe.txt` can be shown for `txt.exe`; no language needs them. */
const overrides = /[\u202D\u202E]/gu;

/** Splits a message into plain text and links.
 *
 * Only `http` and `https` lead anywhere. A host in mixed scripts is shown in its ASCII form (punycode);
 * an address with a user name, or with marks that turn the direction, stays text. Marks that write backwards go. */
export function piecesOf(written: string): Piece[] {
  const text = written.replace(overrides, '');
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(candidate)) {
    const found = link(trim(match[0]));
    if (found === null) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push(found);
    end = match.index + trim(match[0]).length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}
