/** One valid input of every procedure, to be spoilt. */

const id = `${'i'.repeat(21)}A`;
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const device = { id, signatureKey: bytes(32), certificate: bytes(64) };
const proof = { challenge: bytes(32), signature: bytes(64) };
const address = '@somebody@shop.example';
const media = { callId: id, sdp: 'v=0', e2ee: true };

/** Fails to compile nowhere and in the test wherever a procedure is missing. */
export const validInputs: Record<string, unknown> = {
  'sites.info': undefined,
  'accounts.availability': { handle: 'somebody' },
  'accounts.challenge': undefined,
  'accounts.claim': { handle: 'somebody', accountKey: bytes(32), device, proof },
  'accounts.logIn': { deviceId: id, proof },
  'accounts.logOut': undefined,
  'accounts.lookUp': { address },
  'devices.register': { address, device, proof },
  'devices.list': undefined,
  'devices.revoke': { deviceId: id },
  'devices.stock': undefined,
  'devices.publish': { oneTime: [bytes(300), bytes(300)], lastResort: bytes(300) },
  'devices.claimKeyPackages': { address },
  'conversations.create': {
    conversationId: id,
    peer: address,
    suite: 61_453,
    epoch: 1,
    welcome: bytes(20),
    groupInfo: bytes(20),
  },
  'conversations.send': { conversationId: id, id, epoch: 1, ciphertext: bytes(40) },
  'conversations.commit': {
    conversationId: id,
    id,
    epoch: 1,
    commit: bytes(40),
    welcome: bytes(20),
    groupInfo: bytes(20),
  },
  'conversations.heads': { after: id },
  'conversations.pull': { conversationId: id, after: 0, limit: 10 },
  'conversations.groupInfo': { conversationId: id },
  'conversations.acknowledge': { upTo: [{ conversationId: id, seq: 1 }] },
  'calls.start': { callId: id, conversationId: id, video: false },
  'calls.answer': media,
  'calls.decline': { callId: id },
  'calls.hangUp': { callId: id },
  'calls.publish': media,
  'calls.answerMedia': media,
  'calls.candidate': {
    callId: id,
    direction: 'publish',
    candidate: {
      candidate: 'candidate:1 1 udp 1 10.0.0.1 9 typ host',
      sdpMid: '0',
      sdpMLineIndex: 0,
    },
  },
  'events.subscribe': undefined,
};
