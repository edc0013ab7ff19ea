/** The media port across the link: the engine calls it, the page does it. */
import type { MediaEvent, MediaPort } from '../../core/calls/media-port.js';
import { ProblemError } from '../../core/snapshot.js';
import type { EngineLink, MediaMethod, PageLink } from './messages.js';

const methods = [
  'supported',
  'prepare',
  'open',
  'offer',
  'acceptAnswer',
  'answer',
  'setKeys',
  'setMicrophone',
  'setCamera',
  'close',
] as const satisfies readonly MediaMethod[];

interface Waiting {
  resolve(result: unknown): void;
  reject(error: ProblemError): void;
}

/** The engine's end: a media port whose every call is done by the page. */
export function mediaOverLink(link: EngineLink): MediaPort {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(event: MediaEvent) => void>();
  let lastId = 0;

  link.listen((message) => {
    if (message.type === 'media_event') for (const listener of listeners) listener(message.event);
    if (message.type !== 'media_done' && message.type !== 'media_failed') return;
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === 'media_done') call?.resolve(message.result);
    else call?.reject(new ProblemError(message.problem));
  });

  const call =
    (method: MediaMethod) =>
    (...parameters: unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        link.post({ type: 'media_call', id, method, arguments: parameters });
      });

  const remote = Object.fromEntries(methods.map((method) => [method, call(method)]));
  const onEvent: MediaPort['onEvent'] = (listener) => void listeners.add(listener);
  // The page answers each method with what its own port's method of that name returned.
  return { ...remote, onEvent } as unknown as MediaPort;
}

/** The page's end: does what the engine asks, with the port that is loaded when it is first asked. */
export function serveMedia(link: PageLink, load: () => Promise<MediaPort>): void {
  let loading: Promise<MediaPort> | null = null;
  const port = (): Promise<MediaPort> => {
    loading ??= load().then((media) => {
      media.onEvent((event) => {
        link.post({ type: 'media_event', event });
      });
      return media;
    });
    return loading;
  };
  link.listen((message) => {
    if (message.type !== 'media_call') return;
    const { id, method, arguments: parameters } = message;
    port()
      .then((media) =>
        (media[method] as (...all: unknown[]) => Promise<unknown>).apply(media, parameters),
      )
      .then(
        (result) => {
          link.post({ type: 'media_done', id, result });
        },
        (error: unknown) => {
          const problem =
            error instanceof ProblemError ? error.problem : { code: 'call_failed' as const };
          link.post({ type: 'media_failed', id, problem });
        },
      );
  });
}
