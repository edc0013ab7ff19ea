/** Runs one engine: in a worker, or in the page where workers are refused. Serves all tabs until it is told to close. */
import type { MediaPort } from '../../core/calls/media-port.js';
import type { Client } from '../../core/snapshot.js';
import { channelName, engineLock, type Place } from '../tabs/protocol.js';
import { serveTabs } from '../tabs/serve-tabs.js';
import { mediaOverLink } from './media-link.js';
import type { EngineLink, EngineStart } from './messages.js';

/** An engine that is asked to close needs less; one that takes longer is asleep, and its lock is taken from it. */
const predecessorMs = 5_000;

export interface CoreOptions {
  place: Place;
  media: MediaPort;
}
export type CreateCore = (options: CoreOptions) => Promise<Client>;

export function hostEngine(link: EngineLink, createCore: CreateCore): void {
  const closing = new AbortController();
  const media = mediaOverLink(link);
  link.listen((message) => {
    if (message.type === 'close') closing.abort();
    if (message.type === 'start') {
      void host(message.start).finally(() => {
        link.post({ type: 'closed' });
      });
    }
  });
  link.post({ type: 'alive' });

  const host = ({ place, owner, after }: EngineStart): Promise<void> =>
    alone(engineLock(place), closing, async () => {
      const client = await createCore({ place, media });
      const channel = new BroadcastChannel(channelName(place));
      try {
        if (closing.signal.aborted) return;
        endWhenClosed(client, closing);
        serveTabs({ client, channel, place, owner, after, signal: closing.signal });
        link.post({ type: 'started' });
        await ended(closing.signal);
      } finally {
        await client.close();
        channel.close();
      }
    });
}

/** Does the work while no other engine of this place runs. Losing the lock means to stop at once. */
async function alone(
  name: string,
  closing: AbortController,
  work: () => Promise<void>,
): Promise<void> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return work();
  const turn = { begun: false };
  const begin = (): Promise<void> => {
    turn.begun = true;
    return work();
  };
  const patience = AbortSignal.timeout(predecessorMs);
  try {
    await locks.request(name, { signal: AbortSignal.any([closing.signal, patience]) }, begin);
  } catch (error) {
    // Once it has begun, the lock was taken from it: another engine is at work, and stays.
    if (turn.begun || closing.signal.aborted) throw error;
    await locks.request(name, { steal: true }, begin);
  } finally {
    closing.abort();
  }
}

/** A client that was open and closes by itself has lost its store, to another engine or to whoever deleted it. The tabs
 * must not hear that from it, so this listens before they do: the next engine tells them what is true. */
function endWhenClosed(client: Client, closing: AbortController): void {
  let wasOpen = client.snapshot.phase !== 'closed';
  client.subscribe((event) => {
    if (event.type !== 'snapshot') return;
    const { phase, problem } = event.snapshot;
    // Where a copy goes on elsewhere, only the person may bring it back.
    const isOpen = phase !== 'closed' || problem?.code === 'profile_copied';
    if (wasOpen && !isOpen) closing.abort();
    wasOpen = isOpen;
  }, closing.signal);
}

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
