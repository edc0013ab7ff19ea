/** What every Bus must do; run on each implementation. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LiveEvent } from '../src/events/contract.js';
import { accountIdSchema, deviceIdSchema } from '../src/ids.js';
import type { Bus, Subscriber, Topic } from '../src/realtime/contract.js';

const idOf = (letter: string): string => `${letter.repeat(21)}A`;
const account: Topic = `account:${accountIdSchema.parse(idOf('a'))}`;
const otherAccount: Topic = `account:${accountIdSchema.parse(idOf('b'))}`;
const device: Topic = `device:${deviceIdSchema.parse(idOf('d'))}`;

const event = (oneTime: number): LiveEvent => ({ type: 'key_packages_low', oneTime });

/** Runs the suite. `settle` resolves when what was published has arrived. */
export function describeBus(name: string, create: () => Bus, settle: () => Promise<void>): void {
  describe(`the bus (${name})`, () => {
    let bus: Bus;
    beforeEach(() => {
      bus = create();
    });
    afterEach(() => bus.close());
    const subscribe = (topics: Topic[], onEvent: (event: LiveEvent) => void): Subscriber => {
      const subscriber = { onEvent };
      bus.subscribe(topics, subscriber);
      return subscriber;
    };
    const collect = (topics: Topic[]): LiveEvent[] => {
      const events: LiveEvent[] = [];
      subscribe(topics, (heard) => events.push(heard));
      return events;
    };

    test('delivers to all subscribers of a topic, in order, and to nobody else', async () => {
      const first = collect([account]);
      const second = collect([account]);
      const other = collect([otherAccount]);
      for (let index = 0; index < 100; index += 1) bus.publish([account], event(index));
      await settle();
      const expected = Array.from({ length: 100 }, (_, index) => event(index));
      expect(first).toEqual(expected);
      expect(second).toEqual(expected);
      expect(other).toEqual([]);
    });

    test('delivers once to who listens to several of the topics', async () => {
      const heard = collect([account, device]);
      bus.publish([device, account, otherAccount], event(1));
      await settle();
      expect(heard).toEqual([event(1)]);
    });

    test('gives everybody the same object, so that it is encoded once', async () => {
      const first = collect([account]);
      const second = collect([account]);
      bus.publish([account], event(1));
      await settle();
      expect(first[0]).toBe(second[0]);
    });

    test('keeps nothing for who comes later', async () => {
      bus.publish([account], event(1));
      await settle();
      const late = collect([account]);
      await settle();
      expect(late).toEqual([]);
    });

    test('is silent for who has left, and goes on for the others', async () => {
      const gone: LiveEvent[] = [];
      const leaving = subscribe([account, device], (heard) => gone.push(heard));
      const staying = collect([account]);
      bus.unsubscribe([account, device], leaving);
      bus.unsubscribe([account, device], leaving);
      bus.publish([account, device], event(1));
      await settle();
      expect(gone).toEqual([]);
      expect(staying).toEqual([event(1)]);
    });

    test('delivers once to who subscribed twice', async () => {
      const heard: LiveEvent[] = [];
      const subscriber = subscribe([account], (one) => heard.push(one));
      bus.subscribe([account], subscriber);
      bus.publish([account], event(1));
      bus.unsubscribe([account], subscriber);
      bus.publish([account], event(2));
      await settle();
      expect(heard).toEqual([event(1)]);
    });

    test('takes nobody off who was never on', async () => {
      const heard = collect([account]);
      bus.unsubscribe([account, device], { onEvent: () => undefined });
      bus.publish([account], event(1));
      await settle();
      expect(heard).toEqual([event(1)]);
    });

    test('knows who is present', async () => {
      expect(await bus.hasSubscribers(device)).toBe(false);
      const first = subscribe([device], () => undefined);
      const second = subscribe([device], () => undefined);
      await settle();
      expect(await bus.hasSubscribers(device)).toBe(true);
      expect(await bus.hasSubscribers(account)).toBe(false);
      bus.unsubscribe([device], first);
      await settle();
      expect(await bus.hasSubscribers(device)).toBe(true);
      bus.unsubscribe([device], second);
      await settle();
      expect(await bus.hasSubscribers(device)).toBe(false);
    });

    test('is not disturbed by a listener that throws', async () => {
      subscribe([account], () => {
        throw new Error('a bad listener');
      });
      const heard = collect([account]);
      bus.publish([account], event(1));
      await settle();
      expect(heard).toEqual([event(1)]);
    });

    test('may be subscribed to and left while it delivers', async () => {
      const late: LiveEvent[] = [];
      const leaving = subscribe([account], () => {
        bus.unsubscribe([account], leaving);
        subscribe([account], (heard) => late.push(heard));
      });
      bus.publish([account], event(1));
      await settle();
      bus.publish([account], event(2));
      await settle();
      expect(late).toEqual([event(2)]);
    });
  });
}
