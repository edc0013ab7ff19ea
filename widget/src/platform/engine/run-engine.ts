/** Starts an engine for this page, in a worker if the page lets us, and stays with it until it is closed. */
import type { MediaPort } from '../../core/calls/media-port.js';
import { spawnModuleWorker } from '../worker-spawn.js';
import { serveMedia } from './media-link.js';
import {
  linkOver,
  type EngineLink,
  type EngineStart,
  type FromEngineWorker,
  type PageLink,
  type ToEngine,
} from './messages.js';

/** A worker that has not said a word by then was refused without an error. */
const aliveMs = 20_000;
/** An engine that does not close by then is ended. */
const closeMs = 5_000;

export interface EngineSource {
  /** Address of the worker's module. */
  url: string;
  /** Runs the same code here, where the page refuses workers. */
  hostHere: (link: EngineLink) => Promise<void>;
  loadMedia: () => Promise<MediaPort>;
}

interface Running {
  link: PageLink;
  broken: Promise<never>;
  end(): void;
}

/** Resolves when the engine is closed after `signal`; rejects if it broke.
 * @param onStarted called when it serves the tabs. */
export async function runEngine(
  source: EngineSource,
  start: EngineStart,
  { signal, onStarted }: { signal: AbortSignal; onStarted: () => void },
): Promise<void> {
  const engine = await inWorker(source.url).catch(() => inPage(source));
  try {
    if (signal.aborted) return;
    serveMedia(engine.link, source.loadMedia);
    const closed = new Promise<void>((resolve) => {
      engine.link.listen((message) => {
        if (message.type === 'started') onStarted();
        if (message.type === 'closed') resolve();
      });
    });
    engine.link.post({ type: 'start', start });
    const closing = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        engine.link.post({ type: 'close' });
        setTimeout(resolve, closeMs);
      });
    });
    await Promise.race([closed.then(() => askedTo(signal)), closing, engine.broken]);
  } finally {
    engine.end();
  }
}

function askedTo(signal: AbortSignal): void {
  if (!signal.aborted) throw new Error('the engine ended by itself');
}

function inWorker(url: string): Promise<Running> {
  return new Promise((resolve, reject) => {
    const worker = spawnModuleWorker(url, 'parley engine');
    const link: PageLink = linkOver<FromEngineWorker, ToEngine>(worker);
    const broken = new Promise<never>((_resolve, fail) => {
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        fail(new Error('the worker failed'));
      });
    });
    broken.catch(reject);
    const timer = setTimeout(() => {
      worker.terminate();
      reject(new Error('the worker is silent'));
    }, aliveMs);
    const end = (): void => {
      worker.terminate();
    };
    link.listen((message) => {
      if (message.type !== 'alive') return;
      clearTimeout(timer);
      resolve({ link, broken, end });
    });
  });
}

async function inPage(source: EngineSource): Promise<Running> {
  const { port1, port2 } = new MessageChannel();
  await source.hostHere(linkOver(port2));
  const link: PageLink = linkOver<FromEngineWorker, ToEngine>(port1);
  port1.start();
  port2.start();
  const end = (): void => {
    port1.close();
    port2.close();
  };
  return { link, broken: new Promise<never>(() => undefined), end };
}
