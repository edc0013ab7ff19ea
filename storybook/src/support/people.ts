/** Who and what the stories are about. */
import type {
  Address,
  CallId,
  ConversationId,
  DeviceId,
  MessageId,
} from '../../../widget/src/core/ids.js';
import type {
  CallState,
  ConversationSummary,
  Message,
  Person,
  Self,
} from '../../../widget/src/core/snapshot.js';

const minuteMs = 60_000;

export const asAddress = (text: string): Address => text as Address;
export const asConversationId = (text: string): ConversationId => text as ConversationId;
export const asMessageId = (text: string): MessageId => text as MessageId;
export const asCallId = (text: string): CallId => text as CallId;

/** The person whose screen it is. */
export const me: Self = {
  address: asAddress('@noor@lumen.example'),
  displayName: 'Noor',
  hue: 205,
  deviceId: 'device' as DeviceId,
};

/** Somebody to write with. */
export function person(address: string, hue: number, more: Partial<Person> = {}): Person {
  return { address: asAddress(address), hue, verified: false, keyChanged: false, ...more };
}

export const mira = person('@mira@bazaar.example', 32, {
  displayName: 'Mira Sandoval',
  verified: true,
});
export const arjun = person('@arjun_k@lumen.example', 268, { displayName: 'अर्जुन कपूर' });
export const layla = person('@layla@bazaar.example', 338, { displayName: 'ليلى حداد' });
export const tom = person('@tomasz@lumen.example', 150);
export const june = person('@june_park@orchard.example', 88, {
  displayName: 'June Park',
  keyChanged: true,
});
export const zoe = person('@zoe@bazaar.example', 12, {
  displayName: 'Zoë Ånström-Villanueva de la Cruz y Montenegro',
});

let counter = 0;

/** A message, `minutes` ago. */
export function message(
  author: 'self' | 'peer',
  minutes: number,
  body: string | (Omit<Partial<Message>, 'body'> & { body: Message['body'] | string }),
): Message {
  counter += 1;
  const { body: content, ...more } = typeof body === 'string' ? { body } : body;
  return {
    id: asMessageId(`message-${String(counter)}`),
    conversationId: asConversationId('mira'),
    order: counter,
    at: Date.now() - minutes * minuteMs,
    author,
    status: 'stored',
    body: typeof content === 'string' ? { type: 'text', text: content } : content,
    ...more,
  };
}

/** A conversation's line in the list, made from its messages. */
export function summary(
  id: string,
  peer: Person,
  { messages = [], ...more }: Partial<ConversationSummary> & { messages?: readonly Message[] } = {},
): ConversationSummary {
  const last = messages.at(-1) ?? null;
  return {
    id: asConversationId(id),
    peer,
    state: 'ready',
    last,
    unread: 0,
    readUpTo: last?.order ?? 0,
    ...more,
  };
}

/** Gives messages to a conversation, in order. */
export function inConversation(id: string, messages: readonly Message[]): Message[] {
  return messages.map((one, index) => ({
    ...one,
    conversationId: asConversationId(id),
    order: index + 1,
  }));
}

const day = 24 * 60;

/** A talk with some of everything. */
export function talk(): Message[] {
  const missed = {
    type: 'call',
    callId: asCallId('a'),
    video: false,
    outcome: 'missed',
    seconds: 0,
  } as const;
  const held = {
    type: 'call',
    callId: asCallId('b'),
    video: true,
    outcome: 'ended',
    seconds: 764,
  } as const;
  return inConversation('mira', [
    message('peer', 2 * day + 30, { body: { type: 'notice', notice: 'encrypted' } }),
    message(
      'peer',
      2 * day + 29,
      'Hi Noor, it is Mira from the ceramics stall. You asked about the blue bowls?',
    ),
    message('self', 2 * day + 22, 'Yes, the speckled ones. Do you still have a set of four?'),
    message('peer', 2 * day + 20, 'Three left in that glaze.'),
    message(
      'peer',
      2 * day + 20,
      'A new firing comes out of the kiln on Thursday, I can put four aside.',
    ),
    message('self', 2 * day + 18, 'That would be lovely'),
    message('self', 2 * day + 18, '🙏'),
    message('peer', day + 200, { body: missed }),
    message('self', day + 190, { body: held }),
    message(
      'self',
      day + 170,
      'Good to see the workshop, thank you for the tour. The wood kiln is enormous.',
    ),
    message(
      'peer',
      42,
      'They are out. Here is how the glaze came: https://bazaar.example/kiln/2031?set=blue',
    ),
    message(
      'peer',
      41,
      'The last one has a small drip on the rim. I like it, but say if you would rather wait.',
    ),
    message('self', 12, 'I like it too. It is the one I will use.'),
    message('self', 11, 'Shall I come by on Saturday around eleven?'),
    message('peer', 3, 'Saturday at eleven is perfect. I will have them wrapped.'),
  ]);
}

/** The list of a person who uses it. */
export function conversations(): ConversationSummary[] {
  const missed = {
    type: 'call',
    callId: asCallId('c'),
    video: true,
    outcome: 'missed',
    seconds: 0,
  } as const;
  const one = (id: string, ...messages: Message[]): { messages: Message[] } => ({
    messages: inConversation(id, messages),
  });
  return [
    summary('mira', mira, { messages: talk(), unread: 2, readUpTo: 11 }),
    summary(
      'arjun',
      arjun,
      one('arjun', message('peer', 64, 'कल शाम को मिलते हैं, मैं दस्तावेज़ साथ ले आऊँगा।')),
    ),
    summary('layla', layla, {
      ...one('layla', message('peer', 190, 'وصلت الطلبية، شكراً جزيلاً')),
      unread: 14,
    }),
    summary(
      'tom',
      tom,
      one('tom', message('self', day + 30, 'I have sent you the invoice again.')),
    ),
    summary('june', june, one('june', message('peer', 2 * day, 'See you there'))),
    summary('zoe', zoe, one('zoe', message('peer', 3 * day, { body: missed }))),
  ];
}

/** Many messages over many days, for scrolling. */
export function longTalk(count: number): Message[] {
  const lines = [
    'Did the second crate arrive?',
    'Yes, this morning.',
    'All twelve pieces were in one piece, which has not happened since the spring.',
    'Good.',
    'I changed the packing. Straw instead of foam, it gives more.',
    '👍',
    'Then let us do it that way from now on, and tell the others as well when you see them at the market.',
  ];
  return inConversation(
    'mira',
    Array.from({ length: count }, (_, index) =>
      message(
        Math.floor(index / 2) % 2 === 0 ? 'peer' : 'self',
        (count - index) * 37,
        `${lines[index % lines.length] ?? ''} (${String(index + 1)})`,
      ),
    ),
  );
}

/** A call with Mira. */
export function aCall(more: Partial<CallState>): CallState {
  return {
    id: asCallId('call'),
    conversationId: asConversationId('mira'),
    peer: mira,
    video: false,
    phase: 'outgoing',
    direction: 'out',
    microphone: 'on',
    camera: 'off',
    remote: { audio: false, video: false },
    ...(more.phase === 'active' || more.phase === 'reconnecting' ? { safetyCode } : {}),
    ...more,
  };
}

const safetyCode = [
  { emoji: '🐢', name: 'turtle' },
  { emoji: '🌵', name: 'cactus' },
  { emoji: '🚲', name: 'bicycle' },
  { emoji: '🔔', name: 'bell' },
];
