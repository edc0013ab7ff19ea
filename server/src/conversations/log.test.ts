import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newConversationId, newEnvelopeId } from '../../test/conversation-world.js';
import { accountIdSchema, deviceIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { append, type Draft, type LogState, type StoredEnvelope } from './log.js';

const member = accountIdSchema.parse(`${'m'.repeat(21)}A`);
const stranger = accountIdSchema.parse(`${'s'.repeat(21)}A`);
const deviceId = deviceIdSchema.parse(`${'d'.repeat(21)}A`);
const conversationId = newConversationId();
const ids = Array.from({ length: 8 }, newEnvelopeId);

/** Drafts that often collide: few ids, few texts, epochs around the current one. */
const drafts = fc.record({
  kind: fc.constantFrom('message' as const, 'commit' as const),
  id: fc.constantFrom(...ids),
  epochsBehind: fc.integer({ min: -2, max: limits.epochsBehindMax + 2 }),
  text: fc.constantFrom('a', 'b'),
  accountId: fc.constantFrom(member, member, member, stranger),
});

describe('a log', () => {
  test('is gapless, answers retries alike, and moves on by winning commits only', () => {
    fc.assert(
      fc.property(fc.array(drafts, { maxLength: 60 }), (sequence) => {
        let state: LogState = { head: 0, epoch: 5, members: [member] };
        const stored = new Map<string, StoredEnvelope>();
        const places: number[] = [];
        sequence.forEach(({ kind, id, epochsBehind, text, accountId }, now) => {
          const epoch = state.epoch - epochsBehind;
          const ciphertext = Buffer.from(text);
          const digest = createHash('sha256').update(ciphertext).digest();
          const sender = { accountId, deviceId };
          const draft: Draft = { kind, conversationId, id, sender, epoch, ciphertext, digest };
          const before = stored.get(id);
          const answer = append(state, draft, { stored: before, now });
          if ('refused' in answer) return;
          expect(accountId).toBe(member);
          if ('repeated' in answer) {
            expect(answer.repeated).toBe(before);
            expect(before).toMatchObject({ kind, epoch, digest });
            return;
          }
          expect(before).toBeUndefined();
          expect(epochsBehind).toBeGreaterThanOrEqual(0);
          expect(epochsBehind).toBeLessThanOrEqual(kind === 'commit' ? 0 : limits.epochsBehindMax);
          expect(answer.state.epoch).toBe(state.epoch + (kind === 'commit' ? 1 : 0));
          places.push(answer.stored.seq);
          stored.set(id, answer.stored);
          state = answer.state;
        });
        expect(places).toEqual(places.map((_, index) => index + 1));
        expect(state.head).toBe(places.length);
      }),
    );
  });

  test('says nothing of itself to strangers, not even that a retry is one', () => {
    const ciphertext = Buffer.from('a');
    const draft: Draft = {
      kind: 'message',
      conversationId,
      id: newEnvelopeId(),
      sender: { accountId: stranger, deviceId },
      epoch: 1,
      ciphertext,
      digest: createHash('sha256').update(ciphertext).digest(),
    };
    const known = { stored: undefined, now: 0 };
    expect(append(null, draft, known)).toEqual({ refused: 'not_found' });
    expect(append({ head: 3, epoch: 1, members: [member] }, draft, known)).toEqual({
      refused: 'not_found',
    });
  });
});
