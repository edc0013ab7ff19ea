/** The Bus of a single node: subscribers in this process, called at once and in order. */
import type { LiveEvent } from '../events/contract.js';
import type { Logger } from '../logging.js';
import type { Bus, Subscriber, Topic } from './contract.js';

/** One without a set around it, as most topics have: a set weighs more than all else of a subscription. */
type Present = Subscriber | Set<Subscriber>;

/** Makes a Bus. A subscriber that throws is logged and disturbs no other. */
export function createInProcessBus(
  options: { logger?: Logger; onPublish?: (event: LiveEvent) => void } = {},
): Bus {
  const present = new Map<Topic, Present>();

  function tell(subscriber: Subscriber, event: LiveEvent): void {
    try {
      subscriber.onEvent(event);
    } catch (error) {
      options.logger?.error({ err: error, type: event.type }, 'a listener of the bus failed');
    }
  }

  return {
    publish(topics, event) {
      options.onPublish?.(event);
      for (const subscriber of receiversOf(present, topics)) tell(subscriber, event);
    },

    subscribe(topics, subscriber) {
      for (const topic of topics) {
        const others = present.get(topic);
        if (others === undefined || others === subscriber) present.set(topic, subscriber);
        else if (others instanceof Set) others.add(subscriber);
        else present.set(topic, new Set([others, subscriber]));
      }
    },

    unsubscribe(topics, subscriber) {
      for (const topic of topics) {
        const others = present.get(topic);
        if (others === subscriber) present.delete(topic);
        if (!(others instanceof Set) || !others.delete(subscriber)) continue;
        const [last] = others;
        if (others.size === 1 && last !== undefined) present.set(topic, last);
      }
    },

    hasSubscribers: (topic) => Promise.resolve(present.has(topic)),

    close() {
      present.clear();
      return Promise.resolve();
    },
  };
}

/** Those present now: who comes or goes while they are told changes nothing for this event. A device that listens to
 * several of the topics hears it once. */
function receiversOf(
  present: ReadonlyMap<Topic, Present>,
  topics: readonly Topic[],
): readonly Subscriber[] {
  const receivers: Subscriber[] = [];
  for (const topic of topics) {
    const found = present.get(topic);
    if (found === undefined) continue;
    for (const one of found instanceof Set ? found : [found])
      if (!receivers.includes(one)) receivers.push(one);
  }
  return receivers;
}
