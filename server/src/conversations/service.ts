/** Conversations: a log of ciphertext per group, its order, and what a device needs to join. */
import { hash } from 'node:crypto';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Database } from '../database/contract.js';
import { asBuffer } from '../database/statements.js';
import { ServerError } from '../errors.js';
import type { ConversationId, DeviceId, Seq } from '../ids.js';
import type { Bus } from '../realtime/contract.js';
import { createAcknowledgementWriter } from './acknowledgements.js';
import type {
  acknowledgeInput,
  commitInput,
  createInput,
  createOutput,
  groupInfoOutput,
  headsInput,
  headsOutput,
  pullInput,
  pullOutput,
  sendInput,
  sendOutput,
} from './contract.js';
import { createDirect } from './creation.js';
import type { CommitParts, Draft } from './log.js';
import { createLogWriter, type Appended } from './log-writer.js';
import type { Caller, ConversationDirectory } from './ports.js';
import { Purge } from './purge.js';
import {
  readEntries,
  readGroupInfo,
  readHeads,
  readMembers,
  unknownConversation,
  type Member,
} from './reads.js';
import { forgetDevice } from './revocation.js';

/** All of it; whoever is not a member gets `not_found`, as if there were nothing. */
export interface ConversationsService {
  /** @throws ServerError `not_found`, `reach_refused`, `input_invalid`, `conversation_exists` */
  create(caller: Caller, input: z.infer<typeof createInput>): Promise<z.infer<typeof createOutput>>;
  /** @throws ServerError `not_found`, `epoch_stale`, `out_of_turn`, `envelope_conflict`, `unavailable` */
  send(caller: Caller, input: z.infer<typeof sendInput>): Promise<z.infer<typeof sendOutput>>;
  /** @throws ServerError `not_found`, `epoch_conflict`, `envelope_conflict`, `unavailable` */
  commit(caller: Caller, input: z.infer<typeof commitInput>): Promise<z.infer<typeof sendOutput>>;
  heads(caller: Caller, input: z.infer<typeof headsInput>): Promise<z.infer<typeof headsOutput>>;
  /** @throws ServerError `not_found` */
  pull(caller: Caller, input: z.infer<typeof pullInput>): Promise<z.infer<typeof pullOutput>>;
  /** @throws ServerError `not_found` */
  groupInfo(
    caller: Caller,
    input: { conversationId: ConversationId },
  ): Promise<z.infer<typeof groupInfoOutput>>;
  /** @throws ServerError `not_found` when one of them is not the caller's: then none is taken. */
  acknowledge(caller: Caller, input: z.infer<typeof acknowledgeInput>): Promise<void>;
  /** The accounts of a conversation; empty when there is none. */
  membersOf(conversationId: ConversationId): Promise<readonly Member[]>;
  /** Forgets what waited for a device that is no longer in use. To be called after its revocation is stored. */
  deviceRevoked(deviceId: DeviceId): Promise<void>;
  /** Deletes what is acknowledged or too old. To be called every now and then. */
  sweep(now?: number): Promise<void>;
  /** Takes nothing more and waits until what it took is stored. Before the database closes. */
  close(): Promise<void>;
}

export interface ConversationsDependencies {
  database: Database;
  bus: Bus;
  directory: ConversationDirectory;
  logger?: Logger | undefined;
  /** Told how many messages and commits each transaction took. */
  onBatch?: ((items: number) => void) | undefined;
  /** See `PurgeDependencies`. */
  purgeDelayMs?: number | undefined;
}

/** Makes the service. */
export function createConversationsService(
  dependencies: ConversationsDependencies,
): ConversationsService {
  const { database, bus, directory, logger, purgeDelayMs, onBatch } = dependencies;
  const log = createLogWriter({ database, bus, onBatch });
  const purge = new Purge({ database, directory, logger, delayMs: purgeDelayMs });
  const acknowledgements = createAcknowledgementWriter(database, (ids) => {
    purge.mark(ids);
  });

  return {
    async create(caller, input) {
      const peer = await directory.accountByAddress(input.peer, caller.siteKey);
      if (!peer) throw new ServerError('not_found', 'nobody at this address');
      if (peer.accountId === caller.accountId) {
        throw new ServerError('input_invalid', 'a conversation with oneself');
      }
      const devices = await directory.devicesOfAccounts([caller.accountId, peer.accountId]);
      const creation = await createDirect(database, input, { caller, peer, devices });
      if (creation.status === 'exists') return creation;
      await announce(dependencies, input.conversationId, creation.welcomed);
      return { status: 'created', conversationId: input.conversationId };
    },

    async send(caller, input) {
      const draft = makeDraft(caller, 'message', input);
      return answer(await log.add({ draft, parts: null }));
    },

    async commit(caller, input) {
      const draft = makeDraft(caller, 'commit', { ...input, ciphertext: input.commit });
      const parts = await makeParts(dependencies, input);
      const appended = await log.add({ draft, parts });
      await announce(dependencies, input.conversationId, appended.welcomed);
      return answer(appended);
    },

    heads: (caller, input) => readHeads(database, caller, input),
    pull: (caller, input) => readEntries(database, caller, input),
    groupInfo: (caller, { conversationId }) => readGroupInfo(database, caller, conversationId),
    acknowledge: (caller, { upTo }) => acknowledgements.add({ caller, upTo }),
    membersOf: (conversationId) => readMembers(database, conversationId),

    async deviceRevoked(deviceId) {
      purge.mark(await forgetDevice(database, deviceId));
    },

    async sweep(now = Date.now()) {
      await purge.flush();
      await purge.sweep(now);
    },

    async close() {
      await Promise.all([log.close(), acknowledgements.close()]);
      await purge.close();
    },
  };
}

/** Tells devices of a conversation that is new to them. They all get the same event, encoded once. */
async function announce(
  { database, bus }: Pick<ConversationsDependencies, 'database' | 'bus'>,
  conversationId: ConversationId,
  devices: readonly DeviceId[],
): Promise<void> {
  const [first] = devices;
  if (first === undefined) return;
  const [member] = await readMembers(database, conversationId);
  if (!member) return;
  const reader = { accountId: member.accountId, deviceId: first };
  const { heads } = await readHeads(database, reader, { only: conversationId });
  const [head] = heads;
  if (!head) return;
  bus.publish(
    devices.map((deviceId) => `device:${deviceId}` as const),
    { type: 'conversation', head },
  );
}

async function makeParts(
  { database, directory }: Pick<ConversationsDependencies, 'database' | 'directory'>,
  input: z.infer<typeof commitInput>,
): Promise<CommitParts> {
  const groupInfo = asBuffer(input.groupInfo);
  if (!input.welcome) return { groupInfo, welcome: null };
  const members = await readMembers(database, input.conversationId);
  if (members.length === 0) throw unknownConversation(input.conversationId);
  const candidates = await directory.devicesOfAccounts(members.map(({ accountId }) => accountId));
  return { groupInfo, welcome: { bytes: asBuffer(input.welcome), candidates } };
}

function makeDraft(
  caller: Caller,
  kind: Draft['kind'],
  input: Pick<Draft, 'conversationId' | 'id' | 'epoch' | 'follows'> & { ciphertext: Uint8Array },
): Draft {
  const { accountId, deviceId } = caller;
  const { conversationId, id, epoch, follows } = input;
  const ciphertext = asBuffer(input.ciphertext);
  const digest = hash('sha256', ciphertext, 'buffer');
  const sender = { accountId, deviceId };
  return { kind, conversationId, id, sender, epoch, ciphertext, digest, follows };
}

function answer({ stored }: Appended): { seq: Seq; storedAt: number } {
  return { seq: stored.seq, storedAt: stored.storedAt };
}
