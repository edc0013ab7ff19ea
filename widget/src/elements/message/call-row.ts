/** What a past call is called, from where one stands. */
import type { Message } from '../../core/snapshot.js';
import type { Words } from '../../locales/en.js';

type CallBody = Extract<Message['body'], { type: 'call' }>;

/** Rang here and was not answered. */
export function isMissed(message: Message, body: CallBody): boolean {
  return message.author === 'peer' && (body.outcome === 'missed' || body.outcome === 'cancelled');
}

/** A call's line in a conversation and in the list. */
export function callTitle(message: Message, body: CallBody, words: Words): string {
  if (isMissed(message, body)) return body.video ? words.call.missedVideoIn : words.call.missedIn;
  return body.video ? words.call.video : words.call.voice;
}
