/** The Bus of a single node: listeners in this process, called at once and in order. */
import type { LiveEvent } from '../events/contract.js';
import type { Logger } from '../logging.js';
import type { Bus, Topic } from './contract.js';
import { shareEncoding } from './encoder.js';

type Listener = (event: LiveEvent) => void;

/** Makes a Bus. A listener that throws is logged and disturbs no other. */
export function createInProcessBus(
  options: { logger?: Logger; onPublish?: (event: LiveEvent) => void } = {},
): Bus {
  const listeners = new Map<Topic, Set<Listener>>();

  function remove(topic: Topic, listener: Listener): void {
    const present = listeners.get(topic);
    present?.delete(listener);
    if (present?.size === 0) listeners.delete(topic);
  }

  return {
    publish(topics, event) {
      shareEncoding(event);
      options.onPublish?.(event);
      // A device that listens to several of the topics hears the event once.
      const receivers = new Set<Listener>();
      for (const topic of topics)
        for (const listener of listeners.get(topic) ?? []) receivers.add(listener);
      for (const listener of receivers) {
        try {
          listener(event);
        } catch (error) {
          options.logger?.error({ err: error, type: event.type }, 'a listener of the bus failed');
        }
      }
    },

    subscribe(topics, listener, signal) {
      if (signal.aborted) return;
      for (const topic of topics) {
        const present = listeners.get(topic) ?? new Set();
        present.add(listener);
        listeners.set(topic, present);
      }
      const stop = (): void => {
        for (const topic of topics) remove(topic, listener);
      };
      signal.addEventListener('abort', stop, { once: true });
    },

    hasSubscribers: (topic) => Promise.resolve(listeners.has(topic)),

    close() {
      listeners.clear();
      return Promise.resolve();
    },
  };
}
