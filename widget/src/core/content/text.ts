/** Text that people type, brought into the form in which it is sent. */
import { displayNameCharactersMax, textCharactersMax } from './schema.js';

/** Halves of a surrogate pair that stand alone: UTF-8 has no form for them. */
const loneSurrogates = /\p{Surrogate}/gu;

/** Controls, and the marks that reorder text: a name must not be able to change what stands beside it. */
const nameControls = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/gu;

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
    .replace(/\s+/gu, ' ')
    .trim();
  // Cutting could halve a pair; the half goes too.
  return clean.slice(0, displayNameCharactersMax).replace(loneSurrogates, '').trim();
}
