/** Lies that are meant to wear a client out, or to have it use up its keys: each comes to an end. */
import { expect } from 'vitest';
import { randomBytes, toBase64Url } from '../../bytes.js';
import type { Address, ConversationId } from '../../ids.js';
import { suiteNumber } from '../../mls/index.js';
import type { LiveEvent } from '../../transport/contract.js';
import { addressOf, until } from '../person.js';
import type { Question } from './proxy.js';
import { rowsOf, type Lie, type Stage } from './stage.js';

const askedSince = ({ proxy }: Stage, before: number, path: string): Question[] =>
  proxy.asked.slice(before).filter((question) => question.path === path);

const strangersHead = (self: Address): LiveEvent => ({
  type: 'conversation',
  head: {
    conversationId: toBase64Url(randomBytes(16)) as ConversationId,
    suite: suiteNumber,
    members: [self, '@mallory@shop.example' as Address],
    head: 0,
    epoch: 1,
    welcome: null,
  },
});

export const endlessLies: Lie[] = [
  {
    name: 'a message is said to be too old, each time',
    sees: { harmless: 'it is encrypted anew eight times, and then shown as not sent' },
    async tell(stage) {
      const before = stage.proxy.asked.length;
      stage.proxy.lies = {
        instead: ({ path }) =>
          path === 'conversations.send' ? { error: 'epoch_stale' } : undefined,
      };
      const id = await stage.bo.say(stage.conversation, 'too old');
      await until('it is given up', async () =>
        (await rowsOf(stage.bo, stage.conversation)).some(
          (row) => row.id === id && row.status === 'failed',
        ),
      );
      const sent = askedSince(stage, before, 'conversations.send');
      const bytes = sent.map(({ input }) => (input as { ciphertext: Uint8Array }).ciphertext);
      expect(new Set(bytes.map((each) => toBase64Url(each))).size).toBe(9);
    },
  },
  {
    name: 'the stock of key packages is said to be low, without end',
    sees: { harmless: 'one filling is under way at a time, and a day’s are bounded' },
    async tell(stage) {
      const before = stage.proxy.asked.length;
      const asked = (path: string) => askedSince(stage, before, path);
      const published = () =>
        asked('devices.publish').map(
          ({ input }) => input as { oneTime: Uint8Array[]; lastResort?: Uint8Array },
        );
      const total = () => published().reduce((sum, each) => sum + each.oneTime.length, 0);
      stage.proxy.lies = {
        answer: ({ path }, data) =>
          path.startsWith('devices.') ? { oneTime: total(), lastResort: false } : data,
      };
      const oftenTold = (): void => {
        for (let index = 0; index < 12; index += 1)
          stage.proxy.invent({ type: 'key_packages_low', oneTime: 0 });
      };
      await until('it is filled once', () => {
        oftenTold();
        return total() >= 50;
      });
      const known = asked('devices.stock').length;
      await until('it is asked again and again', () => {
        oftenTold();
        return asked('devices.stock').length > known + 8;
      });
      expect(total()).toBe(50);
      expect(published().filter(({ lastResort }) => lastResort !== undefined).length).toBeLessThan(
        4,
      );
    },
  },
  {
    name: 'strangers’ conversations are told of without end',
    sees: { harmless: 'a hundred wait, and the rest is asked for later' },
    async tell(stage) {
      // The log is asked for first, and the others wait behind that.
      const isStrangers = ({ path, input }: Question): boolean =>
        path === 'conversations.pull' &&
        (input as { conversationId: string }).conversationId !== stage.conversation;
      stage.proxy.lies = {
        instead: (question) => (isStrangers(question) ? 'silence' : undefined),
      };
      const self = addressOf(stage.bo);
      const before = stage.proxy.asked.length;
      for (let index = 0; index < 500; index += 1) stage.proxy.invent(strangersHead(self));
      await until('one of them is looked at', () =>
        stage.proxy.asked.slice(before).some(isStrangers),
      );
      await stage.asha.say(stage.conversation, 'behind all of them');
      await until('all of them have come', async () =>
        (await stage.bo.texts(stage.conversation)).includes('behind all of them'),
      );
      stage.proxy.lies = {};
      stage.proxy.cut();
      await stage.bo.client.run<'reconnect'>({ type: 'reconnect' });
      await stage.goesOn();
      expect(stage.bo.client.snapshot.conversations.length).toBeLessThan(110);
    },
  },
  {
    name: 'another client of this device is said to be at work',
    sees: { problem: 'profile_copied' },
    async tell(stage) {
      stage.proxy.invent({ type: 'replaced' });
      await until('it stops', () => stage.bo.client.snapshot.phase === 'closed');
      const { bo } = stage;
      // Nothing is lost by it: the next one has everything, and goes on.
      await stage.again();
      await stage.goesOn();
      return bo;
    },
  },
];
