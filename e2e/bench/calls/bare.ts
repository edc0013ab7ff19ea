/** The floor: two plain pages that call each other through a room of the same Janus, and nothing else. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import type { Janus } from '../../fixtures/janus.js';

interface Access {
  url: string;
  apiSecret: string;
  room: number;
  /** Whether this page makes the room. */
  first: boolean;
}

export class BareCall {
  readonly #pages: [Page, Page];

  private constructor(pages: [Page, Page]) {
    this.#pages = pages;
  }

  /** Both are in the room, and the caller publishes: the moment before the other answers. */
  static async ring(
    contexts: readonly [BrowserContext, BrowserContext],
    janus: Janus,
    room: number,
  ): Promise<BareCall> {
    const blank = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html>');
    });
    await new Promise<void>((resolve) => blank.listen(0, '127.0.0.1', resolve));
    const { port } = blank.address() as AddressInfo;
    const open = async (context: BrowserContext): Promise<Page> => {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${String(port)}/`);
      return page;
    };
    const pages: [Page, Page] = [await open(contexts[0]), await open(contexts[1])];
    blank.close();
    const { apiSecret } = janus;
    const access = { url: `ws://127.0.0.1:${String(janus.port)}`, apiSecret, room };
    await pages[0].evaluate(enter, { ...access, first: true });
    await pages[1].evaluate(enter, { ...access, first: false });
    await pages[0].evaluate(publish);
    return new BareCall(pages);
  }

  /** The callee answers. @returns milliseconds until each sees the other: callee, caller. */
  async answer(): Promise<[number, number]> {
    const [caller, callee] = this.#pages;
    await callee.bringToFront();
    const began = await callee.evaluate(publish);
    const [there, here] = await Promise.all([caller.evaluate(shown), callee.evaluate(shown)]);
    return [here - began, there - began];
  }

  async end(): Promise<void> {
    for (const page of this.#pages) await page.close();
  }
}

/** What the page keeps between its steps. */
interface Kept {
  publish: () => Promise<number>;
  shown: Promise<number>;
}

const publish = (): Promise<number> => (globalThis as unknown as Kept).publish();
const shown = (): Promise<number> => (globalThis as unknown as Kept).shown;

/** Runs in the page. */
async function enter({ url, apiSecret, room, first }: Access): Promise<void> {
  interface Reply {
    janus: string;
    transaction?: string;
    sender?: number;
    data?: { id: number };
    plugindata?: { data: { publishers?: { id: number }[] } };
    jsep?: RTCSessionDescriptionInit;
  }
  const socket = new WebSocket(url, 'janus-protocol');
  await new Promise((resolve) => (socket.onopen = resolve));
  const waiting = new Map<string, (reply: Reply) => void>();
  const state: { session?: number | undefined } = {};
  const ask = (message: Record<string, unknown>): Promise<Reply> =>
    new Promise((resolve) => {
      const transaction = crypto.randomUUID();
      waiting.set(transaction, resolve);
      const ids = state.session === undefined ? {} : { session_id: state.session };
      socket.send(JSON.stringify({ ...message, ...ids, transaction, apisecret: apiSecret }));
    });
  const trickle = (handle: number | undefined, connection: RTCPeerConnection): void => {
    connection.onicecandidate = ({ candidate }) => {
      void ask({
        janus: 'trickle',
        handle_id: handle,
        candidate: candidate ?? { completed: true },
      });
    };
  };
  let onShown: (at: number) => void = () => undefined;
  const shown = new Promise<number>((resolve) => (onShown = resolve));
  const subscribe = async (publishers: { id: number }[]): Promise<void> => {
    if (publishers.length === 0) return;
    const handle = (await ask({ janus: 'attach', plugin: 'janus.plugin.videoroom' })).data?.id;
    const streams = publishers.map(({ id }) => ({ feed: id }));
    const body = { request: 'join', ptype: 'subscriber', room, streams };
    const offered = await ask({ janus: 'message', handle_id: handle, body });
    const connection = new RTCPeerConnection();
    trickle(handle, connection);
    const player = document.createElement('video');
    player.muted = player.autoplay = true;
    player.srcObject = new MediaStream();
    document.body.append(player);
    player.requestVideoFrameCallback(() => {
      onShown(Date.now());
    });
    connection.ontrack = ({ track }) => {
      (player.srcObject as MediaStream).addTrack(track);
    };
    if (offered.jsep === undefined) throw new Error('Janus offered nothing');
    await connection.setRemoteDescription(offered.jsep);
    await connection.setLocalDescription();
    const jsep = connection.localDescription;
    await ask({ janus: 'message', handle_id: handle, body: { request: 'start' }, jsep });
  };
  socket.onmessage = ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply;
    if (reply.janus === 'ack') return;
    const answer = waiting.get(reply.transaction ?? '');
    waiting.delete(reply.transaction ?? '');
    if (answer !== undefined) answer(reply);
    else if (reply.plugindata?.data.publishers !== undefined)
      void subscribe(reply.plugindata.data.publishers);
  };
  state.session = (await ask({ janus: 'create' })).data?.id;
  const handle = (await ask({ janus: 'attach', plugin: 'janus.plugin.videoroom' })).data?.id;
  const send = (body: object, jsep?: RTCSessionDescription | null) =>
    ask({ janus: 'message', handle_id: handle, body, ...(jsep ? { jsep } : {}) });
  const settings = { publishers: 4, audiocodec: 'opus', videocodec: 'vp8', bitrate: 2_000_000 };
  if (first) await send({ request: 'create', room, ...settings });
  const joined = await send({ request: 'join', ptype: 'publisher', room });
  // Those who publish already; who comes later is told.
  let others = joined.plugindata?.data.publishers ?? [];
  const publish = async (): Promise<number> => {
    const began = Date.now();
    if (!first) {
      const list = await send({ request: 'listparticipants', room });
      const { participants = [] } = (list.plugindata?.data ?? {}) as {
        participants?: { id: number; publisher?: boolean }[];
      };
      others = participants.filter(({ publisher }) => publisher === true);
      void subscribe(others);
    }
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 30 } },
    });
    const connection = new RTCPeerConnection();
    trickle(handle, connection);
    for (const track of stream.getTracks())
      connection.addTransceiver(track, {
        direction: 'sendonly',
        sendEncodings: [{ maxBitrate: track.kind === 'audio' ? 40_000 : 1_200_000 }],
      });
    await connection.setLocalDescription();
    const answer = await send({ request: 'publish' }, connection.localDescription);
    if (answer.jsep === undefined) throw new Error('Janus answered nothing');
    await connection.setRemoteDescription(answer.jsep);
    // The caller's connection is to stand before anybody answers.
    while (first && connection.connectionState !== 'connected')
      await new Promise((resolve) => setTimeout(resolve, 20));
    return began;
  };
  Object.assign(globalThis, { publish, shown });
}
