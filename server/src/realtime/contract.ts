/** The Bus: how one part of the server tells others what happened. In-process by default, Redis for several nodes. */
import type { AccountId, DeviceId } from '../ids.js';
import type { LiveEvent } from '../events/contract.js';

/** Where an event goes: to every connected device of an account, or to one device. */
export type Topic = `account:${AccountId}` | `device:${DeviceId}`;

export interface Bus {
  /** Delivers to every present subscriber of the topics, in the order of publishing; keeps nothing.
   * The same event object goes to all of them, so that it is encoded once. */
  publish(topics: readonly Topic[], event: LiveEvent): void;
  /** Calls `listener` for each event of the topics until the signal aborts. */
  subscribe(
    topics: readonly Topic[],
    listener: (event: LiveEvent) => void,
    signal: AbortSignal,
  ): void;
  /** Whether any subscriber of the topic is present on some node. */
  hasSubscribers(topic: Topic): Promise<boolean>;
  close(): Promise<void>;
}
