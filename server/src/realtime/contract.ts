/** The Bus: how one part of the server tells others what happened. In-process by default, Redis for several nodes. */
import type { AccountId, DeviceId } from '../ids.js';
import type { LiveEvent } from '../events/contract.js';

/** Where an event goes: to every connected device of an account, or to one device. */
export type Topic = `account:${AccountId}` | `device:${DeviceId}`;

/** Who hears of events. An object and no function: thousands wait for one, and each function would be memory. */
export interface Subscriber {
  /** Called for one event after the other, each in full for all subscribers before the next; must not wait. */
  onEvent(event: LiveEvent): void;
}

export interface Bus {
  /** Delivers to every present subscriber of the topics, in the order of publishing; keeps nothing.
   * The same event object goes to all of them, so that it is encoded once. */
  publish(topics: readonly Topic[], event: LiveEvent): void;
  /** Tells the subscriber of each event of the topics until it is unsubscribed; of an event to several, once. */
  subscribe(topics: readonly Topic[], subscriber: Subscriber): void;
  /** Ends what `subscribe` of the same began; for one who is not there it does nothing. */
  unsubscribe(topics: readonly Topic[], subscriber: Subscriber): void;
  /** Whether any subscriber of the topic is present on some node. */
  hasSubscribers(topic: Topic): Promise<boolean>;
  close(): Promise<void>;
}
