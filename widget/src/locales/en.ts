/** English, and the shape of every language. Short, plain, no blame; buttons are verbs. */
import type { CallOutcome, NoticeCode, ProblemCode } from '../core/snapshot.js';
import { pluralOf } from './plural.js';

const plural = pluralOf('en');

/** In answer to what the person asked for: what to do is said to somebody who can do it. */
const problems: Record<ProblemCode, string> = {
  offline: 'There is no connection. Try again once it is back.',
  server_error: 'The server could not do that. Try again in a moment.',
  answer_malformed:
    'The server’s answer cannot be right, so it was not used. If this goes on, tell the site’s owner.',
  server_back:
    'The server shows an older state than before. Nothing is taken from it until it has caught up.',
  clock_wrong:
    'The server’s date and this device’s are far apart. Check the date set on this device.',
  member_refused:
    'Somebody tried to add an outsider to one of your conversations. That was refused.',
  site_unknown:
    'This chat is not set up: the site key is not known. Only the site’s owner can change that.',
  origin_refused: 'This page may not use this chat. The site’s owner has to add its address.',
  handle_invalid: 'A handle has 3 to 30 letters a–z, digits or underscores.',
  handle_reserved: 'This handle is reserved. Choose another.',
  handle_taken: 'This handle is taken. Choose another.',
  too_many: 'Too many tries in a short time. Wait a little, then try again.',
  address_invalid: 'An address looks like @mira or @mira@shop.example.',
  address_unknown: 'Nobody has this address. Check the spelling.',
  address_self: 'This is your own address.',
  reach_refused: 'People of this site and of that one cannot reach each other.',
  message_empty: 'There is nothing to send yet.',
  message_too_long: 'This message is too long. Send it in parts.',
  outbox_full: 'Too many messages wait to be sent here. Once some have gone, send this one again.',
  conversations_full: 'This device keeps 2,000 conversations, and there are as many already.',
  storage_unavailable:
    'This browser keeps nothing for this page, so messages could not be kept. Leave private mode or allow storage.',
  storage_full: 'There is no space left on this device. Free some, then try again.',
  storage_blocked:
    'Another tab of this site still runs an older version of this chat. Close or reload that tab, and this goes on by itself.',
  storage_outdated:
    'This page runs an older version of this chat than this browser has used. Reload the page.',
  crypto_unavailable:
    'This page is not opened over https, so nothing could be encrypted. Open it with https:// to chat.',
  other_tab: 'Chat is open in another tab of this page. Go on there, or close that tab.',
  device_revoked:
    'The server says that this device was signed out. Nothing arrives here any more; your messages are still in this browser.',
  profile_copied:
    'A copy of this browser’s chat data is in use elsewhere, so chat stopped here. Going on here stops it there.',
  key_unverifiable: 'The server’s answer about this person does not add up. Nothing was sent.',
  key_changed: 'This person’s key has changed. Decide first whether to go on.',
  calls_unavailable: 'Calls do not work on this server right now. You can still write.',
  calls_need_https:
    'Calls need a page opened over https, and this one is not. You can still write.',
  call_busy: 'They are in another call.',
  call_failed: 'The call was lost.',
  encryption_unsupported:
    'This browser cannot encrypt calls, so it cannot make any. A current Chrome, Edge, Firefox or Safari can.',
  microphone_denied:
    'The microphone is not allowed. Allow it in the browser’s address bar, then call again.',
  camera_denied:
    'The camera is not allowed. Allow it in the browser’s address bar, or call without it.',
  device_missing: 'No microphone or camera was found. Plug one in, then call again.',
  device_in_use:
    'The microphone or camera is in use by another program. Close it there, then call again.',
  internal: 'Something did not work. Try again.',
};

/** Of what stands above every screen until it is over, and goes on by itself. */
const standing: Partial<Record<ProblemCode, string>> = {
  server_error: 'The server has trouble. This goes on by itself once it is over.',
  too_many: 'That was often in a short time. This goes on by itself in a while.',
  storage_full: 'There is no space left on this device. Free some, and this goes on by itself.',
  internal: 'Something did not work. It is being tried again by itself.',
};

const notices: Record<NoticeCode, string> = {
  encrypted:
    'Messages and calls are end-to-end encrypted. Only the two of you can read or hear them.',
  key_changed: 'The safety number has changed.',
  key_accepted: 'You accepted the new safety number.',
  verified: 'You marked this person as verified.',
  device_added: 'A device was added.',
  device_removed: 'A device was removed.',
  rejoined: 'This device was away for a long time. Messages from that time are not here.',
  copied:
    'A copy of this device’s data was in use, here or elsewhere. Some of what it wrote is not here.',
  gap: 'Some messages are missing here.',
  disordered: 'The server changed the order of messages here.',
};

const outcomes: Record<CallOutcome, string> = {
  ongoing: 'In the call',
  ended: 'Call ended',
  missed: 'Missed call',
  declined: 'Declined',
  busy: 'Busy',
  cancelled: 'Not answered',
  failed: 'Call lost',
};

export const en = {
  problems,
  standing,
  notices,
  app: {
    panel: 'Chat',
    close: 'Close chat',
    back: 'Back',
    cancel: 'Cancel',
    done: 'Done',
    retry: 'Try again',
    loading: 'Loading',
    copied: 'Copied',
    verified: 'verified',
    arrived: (name: string, text: string) => `${name}: ${text}`,
    missing: 'This part could not be loaded. Check the connection, then try again.',
  },
  connection: {
    offline: 'No connection. What you write is sent later.',
    connecting: 'Connecting',
    retry: 'Connect',
    insecure:
      'Less protected: this page is not opened over https. Others on your network could change it.',
  },
  lock: {
    sign: 'End-to-end encrypted. What this means',
    title: 'Only the two of you',
    intro: 'What you write and say is locked on this device and opened only on theirs.',
    server:
      'The server passes on locked messages. It sees who writes to whom and when, never what.',
    calls: 'Calls are locked the same way, voice and picture.',
    verify: 'To be sure that nobody stands between you, compare safety numbers.',
    compare: 'Compare safety numbers',
  },
  claim: {
    title: 'Choose your handle',
    intro: 'This is how others find you. No phone number, no e-mail.',
    handle: 'Handle',
    name: 'Display name',
    optional: 'optional',
    nameHint: 'Only the people you write to see it.',
    rule: '3 to 30 letters a–z, digits or _',
    short: 'At least 3 characters',
    long: 'At most 30 characters',
    letters: 'Only a–z, digits and _',
    checking: 'Checking',
    available: (handle: string) => `@${handle} is free`,
    taken: 'Taken. Try another.',
    reserved: 'Reserved. Try another.',
    invalid: 'Only a–z, digits and _, 3 to 30 of them',
    unchecked: 'Could not check. You can still try.',
    keyTitle: 'No password.',
    key: 'A secret key stays in this browser. Clear its data and the handle is gone.',
    submit: 'Start chatting',
    lost: 'This browser has deleted your key and messages, so your handle is gone with them. You can choose a new one.',
    signedOut: 'You signed out. Nothing of before is left on this device.',
  },
  list: {
    title: 'Messages',
    add: 'New message',
    settings: 'Settings',
    emptyTitle: 'Nothing here yet',
    empty: 'Write to someone by their address, or give them yours.',
    yours: 'Your address',
    copy: 'Copy address',
    none: 'No messages yet',
    starting: 'Waiting for them to open it',
    broken: 'Needs attention',
    draft: 'Draft:',
    undecryptable: 'A message that did not arrive',
    unread: (count: number) =>
      plural(count, { one: '# unread message', other: '# unread messages' }),
  },
  compose: {
    title: 'New message',
    label: 'Address',
    placeholder: '@handle or @handle@site',
    hint: (domain: string) => `@handle for people of ${domain}`,
    hintNetwork: '@handle on this site, @handle@site on others',
    nobodyHere: (domain: string) => `Nobody of ${domain} has this handle. Others are @handle@site.`,
    submit: 'Write',
    recent: 'Your conversations',
  },
  conversation: {
    log: (name: string) => `Messages with ${name}`,
    call: 'Voice call',
    video: 'Video call',
    placeholder: 'Message',
    send: 'Send',
    left: (count: number) => plural(count, { one: '# character left', other: '# characters left' }),
    over: (count: number) =>
      plural(count, { one: '# character too many', other: '# characters too many' }),
    unread: (count: number) => plural(count, { one: '# new message', other: '# new messages' }),
    below: (count: number) => plural(count, { one: '# new', other: '# new' }),
    latest: 'To the latest messages',
    you: 'You',
    sending: 'Sending',
    stored: 'Sent',
    failed: 'Not sent',
    retry: 'Send again',
    discard: 'Discard',
    pending: 'A message has not arrived yet. It was asked for again.',
    lost: 'A message did not arrive, and asking again did not bring it.',
    starting: 'They see this once they open their chat.',
    broken: 'This conversation is being repaired. What you write waits.',
    newTab: 'opens in a new tab',
    more: 'Read more',
    keyChanged: 'Their key has changed. Nothing is sent until you decide.',
    review: 'Decide',
  },
  safety: {
    title: 'Safety number',
    intro: (name: string) =>
      `Compare this number with ${name}, best face to face or in a call. If both see the same, nobody stands between you.`,
    number: 'Safety number',
    verify: 'Mark as verified',
    unverify: 'Remove the mark',
    verified: 'You have verified this person.',
    copy: 'Copy number',
  },
  keyChanged: {
    title: 'Their key has changed',
    body: (name: string) =>
      `The key of ${name} is not the one it was. Perhaps they use a new browser or device. Perhaps somebody is pretending to be them.`,
    advice: 'Ask them in another way before you go on. Nothing is sent until then.',
    accept: 'Accept the new key',
    compare: 'Compare first',
    later: 'Not now',
  },
  settings: {
    title: 'Settings',
    theme: 'Appearance',
    auto: 'System',
    light: 'Light',
    dark: 'Dark',
    sound: 'Sound',
    soundHint: 'For new messages and calls',
    language: 'Language',
    name: 'Display name',
    nameHint: 'Only the people you write to see it.',
    save: 'Save',
    saved: 'Saved',
    signOut: 'Sign out of this device',
    signOutTitle: 'Sign out and erase?',
    signOutBody:
      'Your messages and your key are erased from this browser. Nobody can bring them back, not even the server.',
    signOutHandle: (address: string) =>
      `This is your only device: ${address} is given up and rests for 30 days before anyone can take it.`,
    signOutConfirm: 'Erase and sign out',
  },
  closed: {
    title: 'Chat is closed',
    storageTitle: 'Nothing can be kept here',
    tabTitle: 'Open in another tab',
    copiedTitle: 'Open elsewhere',
    goOn: 'Go on here',
    anew: 'Erase and start anew',
    outdatedTitle: 'Reload this page',
    fullTitle: 'No space left',
    revokedTitle: 'Signed out elsewhere',
  },
  call: {
    region: (name: string) => `Call with ${name}`,
    incoming: 'Voice call',
    incomingVideo: 'Video call',
    outgoing: 'Calling',
    ringing: 'Ringing',
    connecting: 'Connecting',
    reconnecting: 'Reconnecting',
    accept: 'Answer',
    acceptVideo: 'Answer with video',
    acceptVoice: 'Answer without video',
    decline: 'Decline',
    cancel: 'Cancel call',
    hangUp: 'Hang up',
    mute: 'Mute',
    unmute: 'Unmute',
    cameraOn: 'Turn camera on',
    cameraOff: 'Turn camera off',
    muted: 'You are muted',
    self: 'Your picture. Arrow keys move it to another corner.',
    remote: (name: string) => `Picture of ${name}`,
    waiting: 'No picture right now',
    silent: 'Nothing arrives from them right now.',
    code: 'Safety code',
    codeHint: (name: string) =>
      `${name} sees the same four signs. Read them to each other to be sure.`,
    encrypted: 'End-to-end encrypted',
    known: 'You have written with each other',
    unknown: 'You have not written with each other yet',
    again: 'Call again',
    impossible: 'This call cannot be made',
    dismiss: 'Close',
    duration: (time: string) => `Duration ${time}`,
    outcomes,
    youDeclined: 'You declined',
    theyDeclined: (name: string) => `${name} declined`,
    theyBusy: (name: string) => `${name} is in another call`,
    noAnswer: 'No answer',
    missedIn: 'Missed call',
    missedVideoIn: 'Missed video call',
    voice: 'Voice call',
    video: 'Video call',
  },
};

/** The shape of a language. */
export type Words = typeof en;
