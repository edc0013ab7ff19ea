/** Answers that are none, to every procedure that there is, over a real socket: each is refused, the error tells nothing
 * of it, and neither the connection nor the next question suffers. */
import type { AddressInfo } from 'node:net';
import { decode, encode } from '@msgpack/msgpack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import type { Connection, Procedures } from '../../transport/contract.js';
import { TransportError } from '../../transport/errors.js';
import { transportLimits } from '../../transport/limits.js';
import { createProcedures } from '../../transport/procedures.js';
import { connectWebSocket } from '../../transport/websocket.js';

const id = 'a'.repeat(21) + 'A';

/** What each procedure is asked with. The test fails when one is not here. */
const questions: Record<keyof Procedures, unknown[]> = {
  siteInfo: [],
  availability: ['mira'],
  challenge: [],
  claim: [{}],
  logIn: [{}],
  lookUp: ['@mira@shop.example'],
  registerDevice: [{}],
  revokeDevice: [id],
  publishKeyPackages: [{ oneTime: [] }],
  keyPackageStock: [],
  claimKeyPackages: ['@mira@shop.example'],
  createConversation: [{}],
  send: [{}],
  commit: [{}],
  heads: [],
  pull: [{ conversationId: id, after: 5 }],
  groupInfo: [id],
  acknowledge: [[]],
  startCall: [{ callId: id }],
  answerCall: [id],
  declineCall: [id],
  hangUpCall: [id],
  publishMedia: [{ callId: id, sdp: 'v=0' }],
  answerMedia: [{ callId: id, sdp: 'v=0' }],
  candidate: [{ callId: id }],
};

/** These answer nothing, and whatever comes is not looked at. */
const silent = new Set<keyof Procedures>([
  'revokeDevice',
  'acknowledge',
  'declineCall',
  'hangUpCall',
  'answerMedia',
  'candidate',
]);

const entry = { kind: 'message', id, senderDevice: id, epoch: 1, ciphertext: null, storedAt: 1 };
const head = { conversationId: id, suite: 1, members: [], head: 1, epoch: 1, welcome: null };
const many = (count: number, item: unknown) => Array.from({ length: count }, () => item);
const canary = 'canary';

/** Of every type, too many, too large, nested, out of bounds. */
const nonsense: Record<string, unknown> = {
  nothing: undefined,
  'a number': 7,
  text: canary,
  'an empty map': {},
  'an empty list of lists': [[]],
  'a list of maps': [{ deviceId: 7, keyPackage: canary }],
  'too many of a kind': {
    heads: [{ ...head, members: many(17, '@mira@shop.example') }],
    more: false,
    entries: many(201, { ...entry, seq: 6 }),
    head: 300,
    devices: many(17, {}),
  },
  'more devices than there are': many(17, { deviceId: id, keyPackage: new Uint8Array(1) }),
  'numbers out of bounds': {
    seq: -1,
    storedAt: Infinity,
    oneTime: 0.5,
    lastResort: 1,
    epoch: -1,
    now: NaN,
    expiresAt: 9e15,
    head: 2 ** 41,
    entries: [],
    groupInfo: new Uint8Array(1),
  },
  'bytes beyond bounds': {
    groupInfo: new Uint8Array(transportLimits.groupInfoBytesMax + 1),
    challenge: new Uint8Array(31),
    accountKey: new Uint8Array(33),
    token: new Uint8Array(1),
    sdp: 'x'.repeat(transportLimits.sdpCharactersMax + 1),
    callId: `${'b'.repeat(21)}A`,
    iceServers: many(17, { urls: [] }),
  },
  'another call': { callId: `${'b'.repeat(21)}A`, iceServers: [] },
  'a gap': { entries: [{ ...entry, seq: 9 }], head: 9 },
  'a constructor': { constructor: { prototype: { seq: 1 } }, toString: canary },
};

let server: WebSocketServer;
let answer: (questionId: number) => Uint8Array[] = () => [];
let connection: Connection | undefined;

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    socket.on('message', (bytes, isBinary) => {
      if (!isBinary) return;
      const { id: asked } = decode(bytes as Buffer) as { id?: number };
      if (asked !== undefined) for (const frame of answer(asked)) socket.send(frame);
    });
  });
});
afterEach(() => {
  connection?.close();
});
afterAll(() => {
  server.close();
});

async function connected(): Promise<Connection> {
  const opened = await connectWebSocket({
    serverUrl: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    siteKey: 'pk_x',
    instance: 'a'.repeat(22),
    session: null,
    signal: new AbortController().signal,
    WebSocket: NodeWebSocket as unknown as typeof WebSocket,
  });
  connection = opened;
  return opened;
}

const ask = (name: keyof Procedures): Promise<unknown> =>
  (connection?.[name] as (...input: unknown[]) => Promise<unknown>)(...questions[name]);

const says = (data: unknown) => (asked: number) => [
  encode({ id: asked, result: { type: 'data', data } }, { ignoreUndefined: true }),
];

const names = Object.keys(questions) as (keyof Procedures)[];

describe('every procedure', () => {
  it('is in this table', () => {
    const caller = { call: () => Promise.resolve(), listen: () => undefined };
    expect(names.sort()).toEqual(Object.keys(createProcedures(caller, () => undefined)).sort());
  });

  it.each(names)('%s refuses what is no answer, and goes on', async (name) => {
    await connected();
    for (const [kind, data] of Object.entries(nonsense)) {
      answer = says(data);
      const outcome: unknown = await ask(name).catch((error: unknown) => error);
      if (silent.has(name)) {
        expect(outcome, kind).toBeUndefined();
        continue;
      }
      // Looking somebody up may find nobody; an empty list of packages is one.
      expect(outcome, kind).toBeInstanceOf(TransportError);
      expect((outcome as TransportError).code, kind).toBe('answer_malformed');
      expect(JSON.stringify(outcome) + String((outcome as Error).stack)).not.toContain(canary);
    }
    expect(({} as { seq?: unknown }).seq).toBeUndefined();
    answer = says({ oneTime: 1, lastResort: true });
    await expect(connection?.keyPackageStock()).resolves.toEqual({ oneTime: 1, lastResort: true });
  });

  const frames: [string, () => Uint8Array][] = [
    ['a frame too large', () => new Uint8Array(transportLimits.frameBytesMax + 1)],
    ['a list longer than its frame', () => Uint8Array.of(0xdd, 255, 255, 255, 255)],
    [
      'a key that reaches a prototype',
      () => encode({ id: 1, result: JSON.parse('{"data":{"__proto__":{"seq":1}}}') as unknown }),
    ],
  ];
  it.each(names)('%s ends the connection over what no honest server sends', async (name) => {
    for (const [kind, frame] of frames) {
      await connected();
      answer = () => [frame()];
      await expect(ask(name), kind).rejects.toMatchObject({ code: 'offline' });
      expect(await connection?.closed, kind).toMatchObject({ code: 'answer_malformed' });
    }
  });

  it.each(names)('%s takes the first of two answers, and none to another number', async (name) => {
    await connected();
    answer = (asked) => [
      ...says({ never: 'asked' })(asked + 1_000),
      encode({ id: asked, error: { code: 1, message: canary, data: { code: 'forbidden' } } }),
      ...says({ a: 'second' })(asked),
    ];
    await expect(ask(name)).rejects.toMatchObject({ code: 'forbidden', message: 'forbidden' });
  });
});
