/** People and devices for tests of conversations alone: the directory is a port, and this is its fake. */
import { randomBytes } from 'node:crypto';
import { test } from 'vitest';
import {
  createConversationsService,
  type ConversationsService,
} from '../src/conversations/service.js';
import type { Caller, ConversationDirectory } from '../src/conversations/ports.js';
import type { Database } from '../src/database/contract.js';
import { ServerError } from '../src/errors.js';
import type { LiveEvent } from '../src/events/contract.js';
import {
  accountIdSchema,
  addressSchema,
  conversationIdSchema,
  deviceIdSchema,
  envelopeIdSchema,
  seqSchema,
  siteKeySchema,
  type ConversationId,
  type EnvelopeId,
  type Seq,
} from '../src/ids.js';
import type { DatabaseFixture } from './databases.js';
import { createInProcessBus } from '../src/realtime/in-process.js';

const randomId = (): string => randomBytes(16).toString('base64url');
export const newEnvelopeId = (): EnvelopeId => envelopeIdSchema.parse(randomId());
export const newConversationId = (): ConversationId => conversationIdSchema.parse(randomId());
export const siteKey = siteKeySchema.parse(`pk_${'s'.repeat(22)}`);

/** A service over a database, with people to use it. */
export class World implements ConversationDirectory {
  readonly conversations: ConversationsService;
  readonly bus = createInProcessBus();
  /** Addresses that the site does not reach. */
  readonly unreachable = new Set<string>();
  retentionSeconds = 3600;
  readonly #people = new Map<string, { caller: Caller; devices: Caller[] }>();
  readonly #revoked = new Set<string>();
  #names = 0;

  constructor(
    readonly database: Database,
    options: { purgeDelayMs?: number } = {},
  ) {
    const { bus } = this;
    this.conversations = createConversationsService({
      database,
      bus,
      directory: this,
      purgeDelayMs: options.purgeDelayMs ?? 5,
    });
  }

  /** A new account with one device. */
  person(): Caller {
    this.#names += 1;
    const caller: Caller = {
      siteKey,
      accountId: accountIdSchema.parse(randomId()),
      deviceId: deviceIdSchema.parse(randomId()),
      address: addressSchema.parse(`@person_${this.#names}@bazaar.localhost`),
    };
    this.#people.set(caller.accountId, { caller, devices: [caller] });
    return caller;
  }

  /** A further device of somebody. */
  deviceOf(caller: Caller): Caller {
    const device = { ...caller, deviceId: deviceIdSchema.parse(randomId()) };
    this.#people.get(caller.accountId)?.devices.push(device);
    return device;
  }

  revoke(device: Caller): void {
    this.#revoked.add(device.deviceId);
  }

  /** Two people in a conversation. */
  async pair(): Promise<{ alice: Caller; bob: Caller; conversationId: ConversationId }> {
    const [alice, bob] = [this.person(), this.person()];
    const conversationId = newConversationId();
    await this.conversations.create(alice, creation(conversationId, bob));
    return { alice, bob, conversationId };
  }

  /** Everything that reaches a device from now on. */
  listen(device: Caller): LiveEvent[] {
    const events: LiveEvent[] = [];
    const topics = [`account:${device.accountId}`, `device:${device.deviceId}`] as const;
    this.bus.subscribe(topics, { onEvent: (event) => events.push(event) });
    return events;
  }

  async close(): Promise<void> {
    await this.conversations.close();
    await this.database.close();
  }

  accountByAddress(address: string): ReturnType<ConversationDirectory['accountByAddress']> {
    if (this.unreachable.has(address)) {
      return Promise.reject(new ServerError('reach_refused', 'the sites do not reach each other'));
    }
    const people = [...this.#people.values()].map(({ caller }) => caller);
    return Promise.resolve(people.find((person) => person.address === address) ?? null);
  }

  devicesOfAccounts(
    ids: readonly string[],
  ): ReturnType<ConversationDirectory['devicesOfAccounts']> {
    const devices = ids.flatMap((id) => this.#people.get(id)?.devices ?? []);
    return Promise.resolve(devices.filter(({ deviceId }) => !this.#revoked.has(deviceId)));
  }

  siteRetention(): Promise<number> {
    return Promise.resolve(this.retentionSeconds);
  }
}

/** What a creator sends; the bytes stand for MLS structures, which the server never looks into. */
export function creation(conversationId: ConversationId, peer: Caller) {
  return {
    conversationId,
    peer: peer.address,
    suite: 83,
    epoch: 1,
    welcome: new Uint8Array([1, 2, 3]),
    groupInfo: new Uint8Array([4, 5, 6]),
  };
}

/** What a sender sends. */
export function message(conversationId: ConversationId, text = 'ciphertext', epoch = 1) {
  return { conversationId, id: newEnvelopeId(), epoch, ciphertext: new TextEncoder().encode(text) };
}

/** What a committer sends. */
export function commitFrom(conversationId: ConversationId, epoch: number, welcome?: Uint8Array) {
  return {
    conversationId,
    id: newEnvelopeId(),
    epoch,
    commit: new Uint8Array([7, epoch]),
    groupInfo: new Uint8Array([8, epoch + 1]),
    ...(welcome ? { welcome } : {}),
  };
}

/** `test`, with a world of its own for each. */
export function storiesOf(fixture: DatabaseFixture) {
  return test.extend<{ world: World }>({
    world: async ({}, use) => {
      const world = new World(await fixture.open());
      await use(world);
      await world.close();
    },
  });
}

export const seq = (value: number): Seq => seqSchema.parse(value);

/** Where a pull begins. */
export const from = (conversationId: ConversationId, after = 0, limit = 200) => ({
  conversationId,
  after: seq(after),
  limit,
});
