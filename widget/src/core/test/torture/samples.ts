/** Honest words of a server and of members, for tests that change them. */
const id = 'A'.repeat(22);
const address = '@mira@shop.example';
const envelope = {
  seq: 1,
  kind: 'message',
  id,
  senderDevice: id,
  epoch: 1,
  ciphertext: new Uint8Array(40),
  storedAt: 1_700_000_000_000,
};
const head = {
  conversationId: id,
  suite: 1,
  members: [address, '@boris@shop.example'],
  head: 3,
  epoch: 1,
  welcome: { seq: 0, welcome: new Uint8Array(30) },
};
const call = { event: 'answered', callId: id, by: address, device: id };
const offer = {
  event: 'offer',
  callId: id,
  sdp: 'v=0',
  feeds: [{ mid: '0', device: id, kind: 'audio' }],
};

/** Names that careless code takes for the prototype. */
const spite: unknown = JSON.parse(
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
);

/** An answer of every procedure, and an event of every kind. */
export const wireSamples: readonly unknown[] = [
  {
    domain: 'shop.example',
    reach: 'network',
    insecureAllowed: false,
    retentionSeconds: 60,
    callsAvailable: true,
    now: 1,
  },
  { status: 'available' },
  { challenge: new Uint8Array(32), origin: 'https://shop.example', expiresAt: 1 },
  { accountId: id, address, deviceId: id, token: new Uint8Array(32), expiresAt: 1 },
  {
    address,
    accountKey: new Uint8Array(32),
    devices: [{ id, signatureKey: new Uint8Array(32), certificate: new Uint8Array(64) }],
  },
  { oneTime: 4, lastResort: true },
  [{ deviceId: id, keyPackage: new Uint8Array(9) }],
  { status: 'created', conversationId: id },
  { seq: 1, storedAt: 1 },
  { heads: [head], more: false },
  { entries: [envelope], head: 1 },
  { epoch: 1, groupInfo: new Uint8Array(9), seq: 1 },
  { callId: id, iceServers: [{ urls: ['stun:stun.example'], username: 'u', credential: 'c' }] },
  { sdp: 'v=0' },
  call,
  offer,
  { event: 'ended', callId: id, reason: 'hung_up' },
  { type: 'subscribed' },
  { type: 'envelope', conversationId: id, envelope },
  { type: 'conversation', head },
  { type: 'call', call: offer },
  { type: 'key_packages_low', oneTime: 1 },
  { type: 'replaced', by: id },
  { type: 'revoked' },
  spite,
];

/** Something of every kind that members say. */
export const contentSamples: readonly unknown[] = [
  { type: 'text', id, at: 1, text: 'नमस्ते' },
  { type: 'profile', id, at: 1, displayName: 'Mira' },
  { type: 'call', id, at: 1, callId: id, action: 'invite', video: true, salt: id },
  { type: 'call', id, at: 1, callId: id, action: 'end', video: true, outcome: 'ended', seconds: 3 },
  { type: 'resend', id, at: 1, seqs: [1, 2, 3] },
  { type: 'again', id, at: 1, seq: 4, original: { type: 'text', id, at: 1, text: 'again' } },
  { type: 'of a later version', id, at: 1, more: [1, { deep: new Uint8Array(3) }] },
  { type: 'later', id, at: 1, spite },
];
