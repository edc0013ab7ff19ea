/** Text that people type, brought into the form in which it is sent. */
import { displayNameCharactersMax, textCharactersMax } from './schema.js';

/** Halves of a surrogate pair that stand alone: UTF-8 has no form for them. */
const loneSurrogates = /\p{Surrogate}/gu;

/** Controls, and the marks that reorder text: a name must not be able to change what stands beside it. */
const nameControls = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Takes no room, or is empty room: a name of it would be none. Joiners stay, scripts and emoji need them. */
const blank =
  /\u034f|\u17b4|\u17b5|[\u00ad\u115f\u1160\u180e\u200b\u2060-\u2064\u2800\u3164\uffa0]/gu;

/** More marks on one letter than any language writes, made to paint over what stands around. */
const towers = /(\p{M}{4})\p{M}+/gu;

/** Signs that the screen itself uses to say whom one may trust, and the one that begins a handle. */
const borrowed =
  /[\u2611\u2705\u2713\u2714\u{1f50f}\u{1f510}\u{1f512}\u{1f5f8}\u{1f6e1}]\ufe0f?|^\s*[@\uff20\ufe6b]+/gu;

/** Something that leaves ink. */
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** @returns the text as it is sent, or which problem it has. White space at the ends goes, the rest stays. */
export function prepareText(
  typed: string,
): { text: string } | { problem: 'message_empty' | 'message_too_long' } {
  const text = typed.replace(loneSurrogates, '\ufffd').trim();
  if (text === '') return { problem: 'message_empty' };
  return text.length > textCharactersMax ? { problem: 'message_too_long' } : { text };
}

/** A display name as it is sent and as it is shown: one line, bounded, without tricks. Empty when nothing is left. */
export function cleanDisplayName(name: string): string {
  const clean = name
    .replace(loneSurrogates, '\ufffd')
    .replace(nameControls, ' ')
    .replace(blank, '')
    .replace(towers, '$1')
    .replace(borrowed, '')
    .replace(/\s+/gu, ' ')
    .trim();
  // Cutting could halve a pair; the half goes too.
  const short = clean.slice(0, displayNameCharactersMax).replace(loneSurrogates, '').trim();
  return visible.test(short) ? short : '';
}
