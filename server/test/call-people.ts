/** Two people in real browsers who call each other through the calls service and a real Janus. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumArguments, findChromium } from '../../scripts/browser.js';
import type { Party } from '../src/calls/call-state.js';
import type { CallEvent } from '../src/calls/contract.js';
import type { CallsService } from '../src/calls/service.js';
import type { CallId, DeviceId } from '../src/ids.js';
import type { IceCandidate } from '../src/media/contract.js';
import type { Bus } from '../src/realtime/contract.js';

const sources = fileURLToPath(new URL('../../widget/src/', import.meta.url));

/** Builds and serves the page on loopback. */
export async function servePage(): Promise<{ server: Server; url: string }> {
  const bundle = async (path: string): Promise<string> => {
    const built = await build({
      entryPoints: [`${sources}${path}`],
      bundle: true,
      format: 'esm',
      target: 'es2022',
      write: false,
    });
    return built.outputFiles[0]?.text ?? '';
  };
  const files: Record<string, { type: string; text: string }> = {
    '/': {
      type: 'text/html',
      text: '<!doctype html><script type="module" src="/page.js"></script>',
    },
    '/page.js': { type: 'text/javascript', text: await bundle('platform/media/test/call-page.ts') },
    '/frame-worker.js': {
      type: 'text/javascript',
      text: await bundle('workers/frames.ts'),
    },
  };
  const server = createServer(({ url = '/' }, response) => {
    const file = files[url];
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': file?.type ?? 'text/plain',
    });
    response.end(file?.text ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${String(port)}/` };
}

/** A browser with a fake camera and microphone. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium() ?? 'chromium',
    args: [
      ...chromiumArguments(),
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
    ],
  });
}

/** What the page's port reports, as far as it is looked at here. */
interface Signal {
  event: string;
  direction?: 'publish' | 'subscribe';
  candidate?: IceCandidate | null;
  state?: string;
  audio?: boolean;
  video?: boolean;
}

/** The secret of a call, and who is in it in the order of their leaves. */
export interface TestKeys {
  secret: Uint8Array;
  devices: readonly DeviceId[];
}

/** One person: a page, and what an engine would do between it and the server. */
export class Person {
  readonly events: CallEvent[] = [];
  readonly #over = new AbortController();
  callId: CallId | null = null;

  private constructor(
    readonly party: Party,
    readonly page: Page,
    readonly calls: CallsService,
  ) {}

  static async arrive(
    browser: Browser,
    { url, party, calls, bus }: { url: string; party: Party; calls: CallsService; bus: Bus },
  ): Promise<Person> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const person = new Person(party, page, calls);
    await page.exposeFunction('signal', (signal: Signal) => person.#onSignal(signal));
    // A player with an empty stream holds the load event back.
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    await page.waitForFunction('globalThis.call !== undefined');
    bus.subscribe([`account:${party.accountId}`, `device:${party.deviceId}`], {
      onEvent: (event) => {
        if (event.type === 'call' && !person.#over.signal.aborted) void person.#onEvent(event.call);
      },
    });
    return person;
  }

  /** Calls a method of the page's port. */
  ask<Result>(method: string, ...parameters: unknown[]): Promise<Result> {
    const source = `globalThis.call[${JSON.stringify(method)}](...${JSON.stringify(parameters)})`;
    return this.page.evaluate<Result>(source);
  }

  /** Opens the devices and publishes; `send` is how its offer gets to the server. */
  async publish(
    callId: CallId,
    { video, keys }: { video: boolean; keys: TestKeys },
    send = (sdp: string) => this.calls.publish(this.party, callId, sdp),
  ): Promise<void> {
    await this.ask('open', { video, iceServers: [], keys: this.#callKeys(keys) });
    const sdp = await this.ask<string>('offer');
    this.callId = callId;
    await this.ask('acceptAnswer', await send(sdp));
  }

  /** What MLS would give: see CallKeys of the media port. */
  #callKeys({ secret, devices }: TestKeys): Record<string, unknown> {
    return {
      suite: 5,
      senderIndex: devices.indexOf(this.party.deviceId),
      epochs: [{ epoch: 1, baseKey: [...secret], send: true }],
      senders: devices.map((device, senderIndex) => ({ device, senderIndex, salt: [senderIndex] })),
    };
  }

  async until(
    what: string,
    condition: () => boolean | Promise<boolean>,
    ms = 30_000,
  ): Promise<void> {
    const end = Date.now() + ms;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`${this.party.address} waited in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Whether the page reported this of the other side last. */
  async hears(expected: { audio: boolean; video: boolean }): Promise<boolean> {
    const events = await this.ask<Signal[]>('events');
    const last = events.filter(({ event }) => event === 'remote').at(-1);
    return last?.audio === expected.audio && last.video === expected.video;
  }

  /** The states of the receiving connection so far. */
  async receiving(): Promise<string[]> {
    const events = await this.ask<Signal[]>('events');
    return events.flatMap(({ event, direction, state }) =>
      event === 'connection' && direction === 'subscribe' && state !== undefined ? [state] : [],
    );
  }

  async leave(): Promise<void> {
    this.#over.abort();
    await this.page.context().close();
  }

  async #onSignal({ event, direction, candidate = null }: Signal): Promise<void> {
    if (event !== 'candidate' || direction === undefined || this.callId === null) return;
    // After the end of the call they are refused, as they should be.
    await this.calls
      .candidate(this.party, this.callId, { direction, candidate })
      .catch(() => undefined);
  }

  async #onEvent(event: CallEvent): Promise<void> {
    this.events.push(event);
    if (event.event !== 'offer') return;
    const answer = await this.ask<string>('answer', event.sdp, event.feeds);
    await this.calls.answerMedia(this.party, event.callId, answer);
  }
}
