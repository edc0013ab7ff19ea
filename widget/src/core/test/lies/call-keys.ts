/** Lies about the keys of calls: keys and salts that the server would name, lines of others, rooms changed for each
 * other, and words withheld that keys are made with. */
import { expect } from 'vitest';
import { randomBytes } from '../../bytes.js';
import type { CallKeys } from '../../calls/media-port.js';
import type { CallId } from '../../ids.js';
import { CallCipher, newPublication, suites } from '../../sframe/index.js';
import { until } from '../person.js';
import type { ScriptedMedia } from '../scripted-media.js';
import {
  call,
  callOf,
  deviceOf,
  hangUp,
  invent,
  onCalls,
  over,
  rings,
  someId,
  type CallLie,
  type CallStage,
} from './call-stage.js';
import { isMessage } from './stage.js';

/** Both have joined: the keys that each gave to its media. */
async function joined(stage: CallStage): Promise<{ id: CallId; asha: CallKeys; bo: CallKeys }> {
  const id = await rings(stage);
  await stage.bo.client.run<'answer_call'>({ type: 'answer_call', callId: id, video: false });
  const { asha, bo } = stage.media;
  await until('both opened', () => asha.opened > 0 && bo.opened > 0);
  await until('both know how to open', () =>
    [asha, bo].every((media) => media.keys.at(-1)?.senders.every(({ salt }) => salt)),
  );
  return { id, asha: keysOf(asha), bo: keysOf(bo) };
}

export function keysOf({ keys }: ScriptedMedia): CallKeys {
  const latest = keys.at(-1);
  if (latest === undefined) throw new Error('no keys');
  // As they were: the client wipes its own copies at the end of a call.
  return structuredClone(latest);
}

const cipherWith = (keys: CallKeys): CallCipher => {
  const cipher = new CallCipher();
  cipher.setKeys(keys);
  return cipher;
};

/** A frame that this one sends. */
async function frameOf(keys: CallKeys): Promise<Uint8Array> {
  const frame = await cipherWith(keys).seal(newPublication('audio'), randomBytes(50));
  if (frame === null) throw new Error('nothing sent');
  return frame;
}

export const callKeyLies: CallLie[] = [
  {
    name: 'the server names suites, keys and salts, and says that nothing is encrypted',
    sees: { harmless: 'the client takes them from MLS alone: AES_256_GCM_SHA512_128' },
    async tell(stage) {
      const named = {
        suite: 1,
        e2ee: false,
        keys: { suite: 1 },
        epochs: [{ epoch: 1, baseKey: new Uint8Array(32), send: true }],
        salt: someId(),
        salts: [{ device: deviceOf(stage.asha), salt: someId() }],
        senders: [],
      };
      stage.proxy.lies = {
        event: onCalls((event) => [{ ...event, ...named }]),
        answer: ({ path }, data) =>
          path.startsWith('calls.') && data !== null ? { ...(data as object), ...named } : data,
      };
      const { asha, bo } = await joined(stage);
      expect(bo.suite).toBe(suites.AES_256_GCM_SHA512_128);
      expect(bo.epochs).toEqual(asha.epochs);
      expect(bo.epochs[0]?.baseKey).not.toEqual(new Uint8Array(32));
      // Each has the other's salt as the other has it.
      expect(bo.senders).toEqual(asha.senders);
      await hangUp(stage.asha);
      await over(stage.bo);
    },
  },
  {
    name: 'the lines of a call are said to be of others',
    sees: {
      harmless: 'a line is opened with the keys of the device it is said to be of, or not at all',
    },
    async tell(stage) {
      const mallory = someId();
      const { id, asha, bo } = await joined(stage);
      const feeds = [{ mid: '0', device: mallory, kind: 'audio' }];
      invent(stage, { event: 'offer', callId: id, sdp: 'v=0', feeds });
      await until('it is offered', () => stage.media.bo.offers.some(({ sdp }) => sdp === 'v=0'));
      const hears = cipherWith(bo);
      const frame = await frameOf(asha);
      expect(await hears.open('audio', frame, mallory)).toBeNull();
      expect(await hears.open('audio', frame, deviceOf(stage.bo))).toBeNull();
      // Frames in the clear, of other suites and of other key ids, and what Bo himself sent.
      const others = [
        randomBytes(60),
        await frameOf({ ...asha, suite: suites.AES_128_GCM_SHA256_128 }),
        await frameOf({
          ...asha,
          senderIndex: 7,
          senders: [{ senderIndex: 7, device: deviceOf(stage.asha), salt: randomBytes(16) }],
        }),
        // Asha's key ids and base key, and another salt than she said.
        await frameOf({
          ...asha,
          senders: asha.senders.map((sender) => ({ ...sender, salt: randomBytes(16) })),
        }),
        await frameOf({ ...asha, epochs: [{ epoch: 0, baseKey: randomBytes(32), send: true }] }),
        await frameOf(bo),
      ];
      for (const other of others)
        expect(await hears.open('audio', other, deviceOf(stage.asha))).toBeNull();
      expect(await hears.open('audio', frame, deviceOf(stage.asha))).not.toBeNull();
      // A frame that is told twice.
      expect(await hears.open('audio', frame, deviceOf(stage.asha))).toBeNull();
      await hangUp(stage.asha);
      await over(stage.bo);
    },
  },
  {
    name: 'what the other says with its answer is withheld',
    sees: {
      harmless: 'no frame opens until it was asked for again, and the call fails after ten seconds',
    },
    async tell(stage) {
      const { asha, bo, conversation, media } = stage;
      const callId = await call(bo, conversation);
      await until('it rings there', () => callOf(asha)?.phase === 'incoming');
      let letIn = false;
      stage.proxy.lies = {
        event: (event) => {
          letIn ||= event.type === 'call' && event.call.event === 'answered';
          return isMessage(event) ? [] : [event];
        },
      };
      await asha.client.run<'answer_call'>({ type: 'answer_call', callId, video: false });
      await until('the server says so', () => letIn && media.asha.opened > 0);
      const opened = async () => {
        const frame = await frameOf(keysOf(media.asha));
        return cipherWith(keysOf(media.bo)).open('audio', frame, deviceOf(asha));
      };
      await until('it waits for that word', () => callOf(bo)?.phase === 'connecting');
      expect(await opened()).toBeNull();
      // What Asha says next shows that something is missing; asked for again, it counts.
      await stage.goesOn();
      await until('it opens', async () => (await opened()) !== null);
      await hangUp(bo);
      await over(asha);
    },
  },
  {
    name: 'the rooms of two calls are changed for each other',
    sees: { harmless: 'frames of one call open in no other, in the same conversation either' },
    async tell(stage) {
      const first = await joined(stage);
      await hangUp(stage.asha);
      await over(stage.bo);
      stage.media.bo.opened = stage.media.asha.opened = 0;
      const second = await joined(stage);
      const from = deviceOf(stage.asha);
      const hears = cipherWith(second.bo);
      expect(await hears.open('audio', await frameOf(first.asha), from)).toBeNull();
      expect(await hears.open('audio', await frameOf(second.asha), from)).not.toBeNull();
      await hangUp(stage.asha);
      await over(stage.bo);
    },
  },
];
