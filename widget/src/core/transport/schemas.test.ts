import { describe, expect, it } from 'vitest';
import { parse, SchemaError, type Schema } from '../schema.js';
import { transportLimits as limits } from './limits.js';
import {
  headsSchema,
  liveEventSchema,
  lookUpSchema,
  pullSchema,
  siteInfoSchema,
  ticketSchema,
} from './schemas.js';

const id = 'AAAAAAAAAAAAAAAAAAAAAA';
const envelope = {
  seq: 1,
  kind: 'message',
  id,
  senderDevice: id,
  epoch: 0,
  ciphertext: new Uint8Array(10),
  storedAt: 1,
};
function accepts(schema: Schema<unknown>, value: unknown): boolean {
  try {
    parse(schema, value);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(SchemaError);
    return false;
  }
}

describe('what a server may say', () => {
  it('of an envelope: at the bounds and no further', () => {
    const event = (changes: object) => ({
      type: 'envelope',
      conversationId: id,
      envelope: { ...envelope, ...changes },
    });
    expect(accepts(liveEventSchema, event({}))).toBe(true);
    expect(accepts(liveEventSchema, event({ ciphertext: null }))).toBe(true);
    expect(accepts(liveEventSchema, event({ seq: 2 ** 40 - 1, storedAt: 8.64e15 }))).toBe(true);
    expect(
      accepts(liveEventSchema, event({ ciphertext: new Uint8Array(limits.commitBytesMax) })),
    ).toBe(true);
    const refused = [
      { ciphertext: new Uint8Array(limits.commitBytesMax + 1) },
      { ciphertext: new Uint8Array(0) },
      { ciphertext: 'AAAA' },
      { seq: 0 },
      { seq: 1.5 },
      { seq: Number.MAX_SAFE_INTEGER + 1 },
      { epoch: -1 },
      { id: `${id}A` },
      // Another spelling of the same bytes.
      { id: 'AAAAAAAAAAAAAAAAAAAAAB' },
      { kind: 'other' },
      { storedAt: Number.NaN },
      // No `Date` holds it: it would throw where it is shown.
      { storedAt: 8.64e15 + 1 },
      { storedAt: -1 },
      // Where this device keeps what waits to be sent.
      { seq: 2 ** 40 },
    ];
    for (const changes of refused)
      expect(accepts(liveEventSchema, event(changes)), Object.keys(changes)[0]).toBe(false);
    expect(accepts(liveEventSchema, { type: 'surprise' })).toBe(false);
  });

  it('in lists: as many as agreed', () => {
    const entries = (count: number) => ({
      entries: Array.from({ length: count }, () => envelope),
      head: 1,
    });
    expect(accepts(pullSchema, entries(limits.pullEntriesMax))).toBe(true);
    expect(accepts(pullSchema, entries(limits.pullEntriesMax + 1))).toBe(false);
    const head = { conversationId: id, suite: 1, members: [], head: 0, epoch: 0, welcome: null };
    const heads = (count: number) => ({
      heads: Array.from({ length: count }, () => head),
      more: false,
    });
    expect(accepts(headsSchema, heads(limits.headsPerPageMax))).toBe(true);
    expect(accepts(headsSchema, heads(limits.headsPerPageMax + 1))).toBe(false);
  });

  it('of an account: keys of the right length, an address in its one form', () => {
    const card = { address: '@bo@garden.localhost', accountKey: new Uint8Array(32), devices: [] };
    expect(accepts(lookUpSchema, { ...card, address: '@boris@garden.localhost' })).toBe(true);
    expect(accepts(lookUpSchema, null)).toBe(true);
    expect(accepts(lookUpSchema, card)).toBe(false);
    expect(accepts(lookUpSchema, { ...card, address: '@Boris@garden.localhost' })).toBe(false);
    expect(
      accepts(lookUpSchema, {
        ...card,
        address: '@boris@garden.localhost',
        accountKey: new Uint8Array(31),
      }),
    ).toBe(false);
  });

  it('of a site: nothing but what is asked for is kept', () => {
    const site = {
      domain: 'bazaar.localhost',
      reach: 'network',
      insecureAllowed: false,
      retentionSeconds: 1,
      callsAvailable: true,
      now: 1,
    };
    expect(parse(siteInfoSchema, { ...site, surprise: 1 })).toEqual(site);
    expect(accepts(siteInfoSchema, { ...site, domain: '<script>' })).toBe(false);
  });

  it('of ICE servers: STUN and TURN, and nothing else', () => {
    const ticket = (urls: unknown) => ({ callId: id, iceServers: [{ urls }] });
    for (const scheme of ['stun', 'stuns', 'turn', 'turns'])
      expect(accepts(ticketSchema, ticket([`${scheme}:relay.example:3478`]))).toBe(true);
    for (const url of ['https://evil/', 'javascript:1', 'STUNT:evil', ' stun:evil', 'turn', '', 7])
      expect(accepts(ticketSchema, ticket(['stun:a', url])), String(url)).toBe(false);
    const long = (length: number) => `stun:${'a'.repeat(length - 5)}`;
    expect(accepts(ticketSchema, ticket([long(500)]))).toBe(true);
    expect(accepts(ticketSchema, ticket([long(501)]))).toBe(false);
    const many = (count: number) => Array.from({ length: count }, () => 'turn:a');
    expect(accepts(ticketSchema, ticket(many(16)))).toBe(true);
    expect(accepts(ticketSchema, ticket(many(17)))).toBe(false);
    const relays = (count: number, length: number) => ({
      callId: id,
      iceServers: Array.from({ length: count }, () => ({
        urls: ['turn:a'],
        username: 'u'.repeat(length),
        credential: 'c'.repeat(length),
      })),
    });
    expect(accepts(ticketSchema, relays(16, 500))).toBe(true);
    expect(accepts(ticketSchema, relays(17, 500))).toBe(false);
    expect(accepts(ticketSchema, relays(1, 501))).toBe(false);
  });
});
