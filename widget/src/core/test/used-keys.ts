/** What went over the wire, and with which keys: no key may ever have encrypted two things. */
import { wireformats } from 'ts-mls';
import { toHex } from '../bytes.js';
import type { ConversationId } from '../index.js';
import { decodeGroup, type GroupPart } from '../mls/index.js';
import { decodeMessage } from '../mls/framing.js';
import { stateOf } from '../mls/group.js';
import { readSender } from '../mls/test/sender-data.js';
import type { Store } from '../store/contract.js';
import type { Transport } from '../transport/contract.js';

export interface UsedKeys {
  /** Notes every message that is sent over it, whether the server takes it or not. */
  watch(transport: Transport): Transport;
  /** Learns who is who in the epochs that a store knows; to be called before they are forgotten. */
  learn(store: Store, conversation: ConversationId): Promise<void>;
  /** Keys (epoch, leaf, generation) that encrypted more than one thing, and how many were looked at.
   * @throws when nobody has learnt a message's epoch. */
  repeated(): Promise<{ repeated: string[]; seen: number }>;
}

export function createUsedKeys(): UsedKeys {
  const sent: Uint8Array[] = [];
  const secrets = new Map<bigint, Uint8Array[]>();
  const know = (epoch: bigint, secret: Uint8Array): void => {
    const known = secrets.get(epoch) ?? [];
    if (!known.some((other) => toHex(other) === toHex(secret)))
      secrets.set(epoch, [...known, secret]);
  };

  return {
    watch: (transport) => ({
      async connect(options) {
        const connection = await transport.connect(options);
        return {
          ...connection,
          send: (input) => {
            sent.push(input.ciphertext);
            return connection.send(input);
          },
        };
      },
    }),
    async learn(store, conversation) {
      const rows = await store.range('groups', { prefix: [conversation], limit: 100 });
      const parts = rows.flatMap(({ key, value }) =>
        value instanceof Uint8Array
          ? [{ part: key.slice(1) as unknown as GroupPart, bytes: value }]
          : [],
      );
      if (parts.length === 0) return;
      const state = stateOf(decodeGroup(parts));
      know(state.groupContext.epoch, state.keySchedule.senderDataSecret);
      for (const [epoch, past] of state.historicalReceiverData) know(epoch, past.senderDataSecret);
    },
    async repeated() {
      const byKey = new Map<string, Set<string>>();
      for (const ciphertext of sent) {
        const message = decodeMessage(ciphertext);
        if (message.wireformat !== wireformats.mls_private_message)
          throw new Error('not a message');
        const { privateMessage } = message;
        const candidates = secrets.get(privateMessage.epoch) ?? [];
        const read = await Promise.allSettled(
          candidates.map((secret) => readSender(privateMessage, secret)),
        );
        const opened = read.findIndex(({ status }) => status === 'fulfilled');
        const result = read[opened];
        if (result?.status !== 'fulfilled') throw new Error('nobody knows this epoch');
        // Two forks of an epoch are two sets of keys.
        const { leafIndex, generation } = result.value;
        const key = [privateMessage.epoch, opened, leafIndex, generation].join(' ');
        byKey.set(key, (byKey.get(key) ?? new Set()).add(toHex(ciphertext)));
      }
      const repeated = [...byKey].filter(([, contents]) => contents.size > 1).map(([key]) => key);
      return { repeated, seen: byKey.size };
    },
  };
}
