/** tRPC's wire protocol on a socket: requests in, answers out, subscriptions begun and stopped.
 *
 * The messages are those of tRPC's own adapter, in MessagePack. That adapter keeps an AbortController for each request, an
 * async generator, a race and a queue for each subscription, and encodes each event for each receiver; here a request
 * is one call and a subscription is one object that the Bus calls. */
import { getErrorShape, getTRPCErrorFromUnknown, TRPCError } from '@trpc/server';
import { parseConnectionParamsFromUnknown } from '@trpc/server/http';
import { parseTRPCMessage, type TRPCClientOutgoingMessage } from '@trpc/server/rpc';
import { EventStream } from '../events/stream.js';
import { answerFrame, decodePayload, messageFrame, type RequestId } from '../realtime/encoder.js';
import { appRouter } from '../router.js';
import { parseToken } from './admission.js';
import type { ClientSocket } from './client-socket.js';
import { callProcedure } from './procedures.js';

/** Requests in one frame. */
const batchMax = 20;
/** Frames that were on their way already when the socket was paused to look up its session. */
const earlyMax = 256;

type Request = Exclude<TRPCClientOutgoingMessage, { method: 'subscription.stop' }>;
/** What an error is about, as far as it is known. */
interface Subject {
  id: RequestId | null;
  path?: string | undefined;
  type?: Request['method'] | 'unknown';
  input?: unknown;
}

/** What cannot be told which request it was. */
const nobody: Subject = { id: null };

const { _config: config } = appRouter._def;
const { transformer } = config;

/** Takes one message off a socket. */
export function takeMessage(socket: ClientSocket, data: Buffer, isBinary: boolean): void {
  if (!isBinary && data.length === 4) {
    const word = data.toString('latin1');
    if (word === 'PONG') return;
    if (word === 'PING') {
      socket.send('PONG');
      return;
    }
  }
  if (socket.stage === 'params') void join(socket, data, isBinary);
  else if (socket.stage === 'joining') wait(socket, data, isBinary);
  else takeRequests(socket, data, isBinary);
}

/** Signs in whom the first frame names, and then turns to the frames that came meanwhile. */
async function join(socket: ClientSocket, data: Buffer, isBinary: boolean): Promise<void> {
  socket.stage = 'joining';
  socket.pause();
  try {
    const token = readToken(data, isBinary);
    const { services, connection } = socket.context;
    if (token !== null) await services.accounts.resume(connection, token);
    // The socket may be gone by now: then nobody is signed in on it.
    if (socket.readyState !== socket.OPEN) {
      connection.signOut();
      return;
    }
  } catch (error) {
    refuse(socket, nobody, error);
    setImmediate(() => socket.close());
    return;
  } finally {
    // A socket that closes has to read the other side's farewell as well.
    socket.resume();
  }
  socket.stage = 'open';
  const { early } = socket;
  socket.early = null;
  for (const frame of early ?? []) takeRequests(socket, frame, true);
}

/** @returns `null` for a visitor without a session. @throws TRPCError `PARSE_ERROR` */
function readToken(data: Buffer, isBinary: boolean): Uint8Array | null {
  try {
    const message = decodeMessage(data, isBinary);
    if (typeof message !== 'object' || message === null) throw new TypeError('no object');
    const params = parseConnectionParamsFromUnknown('data' in message ? message.data : undefined);
    return parseToken(params?.session);
  } catch (cause) {
    throw new TRPCError({ code: 'PARSE_ERROR', cause });
  }
}

function wait(socket: ClientSocket, data: Buffer, isBinary: boolean): void {
  socket.early ??= [];
  if (!isBinary || socket.early.length >= earlyMax) socket.terminate();
  else socket.early.push(data);
}

function decodeMessage(data: Buffer, isBinary: boolean): unknown {
  if (!isBinary) throw new TypeError('frames are binary');
  return decodePayload(data);
}

function takeRequests(socket: ClientSocket, data: Buffer, isBinary: boolean): void {
  let messages: TRPCClientOutgoingMessage[];
  try {
    const decoded = decodeMessage(data, isBinary);
    if (Array.isArray(decoded) && decoded.length > batchMax) {
      refuseBatch(socket, decoded);
      return;
    }
    const all: unknown[] = Array.isArray(decoded) ? decoded : [decoded];
    messages = all.map((one) => parseTRPCMessage(one, transformer));
  } catch (cause) {
    refuse(socket, nobody, new TRPCError({ code: 'PARSE_ERROR', cause }));
    return;
  }
  messages.forEach((message, index) => void take(socket, message, index));
}

/** Every request of it gets the error, so that nobody waits for an answer for ever. */
function refuseBatch(socket: ClientSocket, messages: readonly unknown[]): void {
  const error = new TRPCError({ code: 'BAD_REQUEST' });
  const ids = messages.flatMap((one): RequestId[] => {
    if (typeof one !== 'object' || one === null || !('id' in one)) return [];
    if ('method' in one && one.method === 'subscription.stop') return [];
    return typeof one.id === 'number' || typeof one.id === 'string' ? [one.id] : [];
  });
  for (const id of ids) refuse(socket, { id }, error);
  if (ids.length === 0) refuse(socket, nobody, error);
}

async function take(
  socket: ClientSocket,
  message: TRPCClientOutgoingMessage,
  batchIndex: number,
): Promise<void> {
  const { id } = message;
  if (id === null) {
    refuse(socket, nobody, new TRPCError({ code: 'PARSE_ERROR' }));
    return;
  }
  if (message.method === 'subscription.stop') {
    stop(socket, id);
    return;
  }
  try {
    if (message.method === 'subscription') await subscribe(socket, id, { message, batchIndex });
    else socket.write(answerFrame(id, await call(socket, message, batchIndex)));
  } catch (error) {
    const { method: type, params } = message;
    refuse(socket, { id, type, path: params.path, input: params.input }, error);
  }
}

function call(socket: ClientSocket, request: Request, batchIndex: number): Promise<unknown> {
  const { path, input } = request.params;
  return callProcedure({ path, input, type: request.method, context: socket.context, batchIndex });
}

/** Begins a stream; a stop, or the socket's end, that comes while it begins ends it. */
async function subscribe(
  socket: ClientSocket,
  id: RequestId,
  { message, batchIndex }: { message: Request; batchIndex: number },
): Promise<void> {
  const streams = (socket.streams ??= new Map());
  if (streams.has(id)) throw new TRPCError({ code: 'BAD_REQUEST', message: 'an id in use' });
  streams.set(id, null);
  try {
    const stream = await call(socket, message, batchIndex);
    if (!(stream instanceof EventStream)) throw new TypeError('a subscription without a stream');
    if (!streams.has(id)) return;
    // The session may have ended while the procedure ran, and the socket with it.
    if (socket.readyState !== socket.OPEN || socket.connection.session === null) {
      socket.finished(id);
      return;
    }
    streams.set(id, stream);
    socket.write(messageFrame({ id, result: { type: 'started' } }));
    stream.start(id, socket);
  } catch (error) {
    streams.delete(id);
    throw error;
  }
}

function stop(socket: ClientSocket, id: RequestId): void {
  const stream = socket.streams?.get(id);
  if (stream === undefined) return;
  if (stream === null) socket.finished(id);
  else stream.stop();
}

/** Says what went wrong, as `trpc.ts` says it. */
function refuse(
  socket: ClientSocket,
  { id, path, type = 'unknown', input }: Subject,
  cause: unknown,
): void {
  const error = getTRPCErrorFromUnknown(cause);
  const { services } = socket.context;
  services.logger.debug({ code: error.code }, 'a frame was refused');
  const shape = getErrorShape({ config, error, type, path, input, ctx: socket.context });
  socket.write(messageFrame({ id, error: shape }));
}
