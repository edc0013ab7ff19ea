/** The one line of a conversation that the list shows. */
import type { Message } from '../../core/snapshot.js';
import type { Words } from '../../locales/en.js';
import type { IconName } from '../icon/icons.js';
import { callTitle, isMissed } from '../message/call-row.js';

/** What the list says about a message. */
export interface Preview {
  text: string;
  icon?: { name: IconName; label: string };
  tone: 'plain' | 'missed' | 'alert';
}

/** @param words of the reader's language */
export function previewOf(message: Message | null, words: Words): Preview {
  if (message === null) return { text: words.list.none, tone: 'plain' };
  const { body, author, status } = message;
  if (body.type === 'call') {
    const missed = isMissed(message, body);
    const name: IconName = missed ? 'call-missed' : body.video ? 'camera' : 'call';
    return {
      text: callTitle(message, body, words),
      icon: { name, label: '' },
      tone: missed ? 'missed' : 'plain',
    };
  }
  if (body.type === 'notice') {
    const alert = body.notice === 'key_changed';
    const icon: IconName = alert ? 'shield-alert' : 'lock';
    return {
      text: words.notices[body.notice],
      icon: { name: icon, label: '' },
      tone: alert ? 'alert' : 'plain',
    };
  }
  // One line: what follows a break is not seen anyway.
  const text =
    body.type === 'text' ? body.text.slice(0, 200).replace(/\s+/gu, ' ') : words.list.undecryptable;
  if (author === 'peer') return { text, tone: 'plain' };
  const { sending, stored, failed } = words.conversation;
  if (status === 'failed') return { text, icon: { name: 'alert', label: failed }, tone: 'alert' };
  return {
    text,
    icon:
      status === 'sending' ? { name: 'clock', label: sending } : { name: 'check', label: stored },
    tone: 'plain',
  };
}
