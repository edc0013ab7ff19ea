import { setImmediate as turn } from 'node:timers/promises';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Context } from '../trpc.js';
import { ClientSocket } from './client-socket.js';
import { PingWheel } from './ping-wheel.js';

/** A socket whose writes to the system are counted, and which has asked for something, or not. */
function openSocket(isAsked: boolean) {
  const writes: string[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(String(chunk));
      done();
    },
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  // As the upgrade makes them: without an address, which the types do not know.
  const socket = new ClientSocket(null as unknown as string, undefined, {});
  Object.defineProperty(socket, 'readyState', { value: WebSocket.OPEN });
  const ground = {
    wheel: new PingWheel<ClientSocket>(60_000),
    unsentBytesMax: 1_000,
    onMessage: () => undefined,
    onClosed: () => undefined,
    onCut: () => undefined,
    onFault: () => undefined,
  };
  socket.begin(ground, stream, { connection: { isAsked } } as unknown as Context);
  return { socket, writes };
}

const say = (socket: ClientSocket, ...texts: string[]) => {
  for (const text of texts) socket.write(Buffer.from(text));
};

test('who only listens is written to before anybody is answered', async () => {
  const { socket, writes } = openSocket(false);
  say(socket, 'a', 'b');
  await Promise.resolve();
  expect(writes).toEqual(['ab']);
  say(socket, 'c');
  await turn();
  expect(writes).toEqual(['ab', 'c']);
});

test('who asked gets what happened and the answer in one write', async () => {
  const { socket, writes } = openSocket(true);
  say(socket, 'event ');
  for (let way = 0; way < 20; way += 1) await Promise.resolve();
  expect(writes).toEqual([]);
  say(socket, 'answer');
  await turn();
  expect(writes).toEqual(['event answer']);
});
