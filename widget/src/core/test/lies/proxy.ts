/** A server that lies: a real proxy between a client and an honest server. It reads every frame, and a test may have it
 * change, drop, repeat or invent what the server says, and what the server hears. */
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { decode, encode } from '@msgpack/msgpack';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import type { Head, LiveEvent } from '../../transport/contract.js';

/** One request of the client, as it is on the wire. */
export interface Question {
  id: number;
  path: string;
  input: unknown;
}

/** What the server says to a question: data, or the code of an error. */
export type Said = { data: unknown } | { error: string };

export interface Lies {
  /** Answers in place of the server, which hears nothing, at once or later. `undefined`: it is asked. */
  instead?: ((question: Question) => Said | Promise<Said> | 'silence' | undefined) | undefined;
  /** Changes what the server hears of a question. */
  ask?: ((question: Question) => unknown) | undefined;
  /** Changes an answer. Several are sent one after the other, under the same number. */
  answer?: ((question: Question, data: unknown) => unknown) | undefined;
  /** Changes an event of the stream; an empty array swallows it. */
  event?: ((event: LiveEvent) => LiveEvent[] | unknown[]) | undefined;
  /** Answers HTTP in place of the server. `false`: it is asked. */
  http?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

export interface Proxy {
  readonly url: string;
  /** Read at every frame, so that a test may change its mind. */
  lies: Lies;
  /** Every question that was asked since the start. */
  readonly asked: Question[];
  /** How far the log of each conversation was told of live, or need not be: it was as long at the connection's heads. */
  readonly told: ReadonlyMap<string, number>;
  /** Puts something on the stream of everybody who is connected: an event, or raw bytes as a whole frame. */
  invent(event: LiveEvent | Uint8Array): void;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

const pathsAtOnce = (lies: Lies, path: string | undefined): boolean =>
  path !== 'events.subscribe' && (lies.answer !== undefined || lies.instead !== undefined);

/** @param target origin of the honest server. */
export async function startProxy(target: string): Promise<Proxy> {
  const links = new Set<Link>();
  const told = new Map<string, number>();
  const http = createServer((request, response) => {
    if (proxy.lies.http?.(request, response) === true) return;
    const { method, url, headers } = request;
    const onward = forward(new URL(url ?? '/', target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, stream, head) => {
    const { url = '/', headers } = request;
    if (proxy.lies.http?.(request, null as unknown as ServerResponse) === true) {
      stream.destroy();
      return;
    }
    sockets.handleUpgrade(request, stream, head, (client) => {
      const server = new WebSocket(target.replace('http', 'ws') + url, {
        headers: { origin: headers.origin ?? '' },
      });
      const link = createLink({ client, server, proxy, told });
      links.add(link);
      client.on('close', () => links.delete(link));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const proxy: Proxy = {
    url: `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`,
    lies: {},
    asked: [],
    told,
    invent(event) {
      for (const link of links) link.invent(event);
    },
    cut() {
      for (const link of links) link.cut();
      http.closeAllConnections();
    },
    async close() {
      for (const link of links) link.cut();
      sockets.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return proxy;
}

interface Link {
  invent(event: LiveEvent | Uint8Array): void;
  cut(): void;
}

interface Ends {
  client: WebSocket;
  server: WebSocket;
  proxy: Proxy;
  told: Map<string, number>;
}

/** One client's socket and its own socket at the server. */
function createLink({ client, server, proxy, told }: Ends): Link {
  const questions = new Map<number, Question>();
  let stream: number | undefined;
  const early: (RawData | Uint8Array)[] = [];
  const say = (frame: unknown): void => {
    if (client.readyState === WebSocket.OPEN) client.send(encode(frame, { ignoreUndefined: true }));
  };
  const sayTo = (id: number, said: Said): void => {
    if ('data' in said) say({ id, result: { type: 'data', data: said.data } });
    else say({ id, error: { code: -32_000, message: said.error, data: { code: said.error } } });
  };

  client.on('message', (bytes, isBinary) => {
    const question = isBinary ? questionIn(bytes) : null;
    if (question !== null) {
      proxy.asked.push(question);
      questions.set(question.id, question);
      if (question.path === 'events.subscribe') stream = question.id;
      const said = proxy.lies.instead?.(question);
      if (said === 'silence') return;
      if (said instanceof Promise) {
        void said.then((late) => {
          sayTo(question.id, late);
        });
        return;
      }
      if (said !== undefined) {
        sayTo(question.id, said);
        return;
      }
    }
    const onward =
      question !== null && proxy.lies.ask ? asking(bytes, proxy.lies.ask(question)) : bytes;
    if (server.readyState === WebSocket.OPEN) server.send(onward, { binary: isBinary });
    else early.push(onward);
  });
  server.on('open', () => {
    for (const bytes of early) server.send(bytes);
  });
  server.on('message', (bytes, isBinary) => {
    if (!isBinary) client.send(bytes, { binary: false });
    else take(bytes);
  });
  const take = (bytes: RawData): void => {
    const frame = decode(bytes as Buffer) as Frame;
    const { id, result } = frame;
    const isEvent = id === stream;
    if (result?.type === 'data' && isEvent) {
      const event = result.data as LiveEvent;
      if (event.type === 'envelope') told.set(event.conversationId, event.envelope.seq);
      for (const data of proxy.lies.event?.(event) ?? [event])
        say({ id, result: { type: 'data', data } });
      return;
    }
    const question = id === null ? undefined : questions.get(id);
    if (question?.path === 'conversations.heads' && result !== undefined)
      for (const { conversationId, head } of (result.data as { heads: Head[] }).heads)
        told.set(conversationId, head);
    if (question !== undefined && result !== undefined && pathsAtOnce(proxy.lies, question.path)) {
      const answer = proxy.lies.answer?.(question, result.data);
      if (answer instanceof Repeated)
        for (const data of answer.answers) sayTo(question.id, { data });
      else if (answer instanceof Raw) client.send(answer.bytes);
      else sayTo(question.id, { data: answer === undefined ? result.data : answer });
      return;
    }
    client.send(bytes);
  };
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('close', () => {
      other.close();
    });
    one.on('error', () => {
      other.terminate();
    });
  }
  return {
    invent(event) {
      if (event instanceof Uint8Array) client.send(event);
      else if (stream !== undefined) say({ id: stream, result: { type: 'data', data: event } });
    },
    cut() {
      client.terminate();
      server.terminate();
    },
  };
}

interface Frame {
  id: number | null;
  result?: { type?: string; data?: unknown };
  error?: unknown;
}

/** The same question with another input. */
function asking(bytes: RawData, input: unknown): Uint8Array {
  const frame = decode(bytes as Buffer) as { params: object };
  return encode({ ...frame, params: { ...frame.params, input } }, { ignoreUndefined: true });
}

/** Answers that all go out under one number. */
export class Repeated {
  constructor(readonly answers: readonly unknown[]) {}
}

/** A whole frame as it is. */
export class Raw {
  constructor(readonly bytes: Uint8Array) {}
}

function questionIn(bytes: RawData): Question | null {
  const { id, params } = decode(bytes as Buffer) as {
    id?: number;
    params?: { path?: string; input?: unknown };
  };
  return typeof id === 'number' && params?.path !== undefined
    ? { id, path: params.path, input: params.input }
    : null;
}
