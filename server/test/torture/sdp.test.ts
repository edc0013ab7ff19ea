/** Descriptions that no browser makes, through the media layer to a real Janus: each is answered or refused, the room
 * goes on, and Janus lives. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { randomOf, rounds, seedFor } from '../../../scripts/rounds.js';
import type { CallId, DeviceId } from '../../src/ids.js';
import { createLogger } from '../../src/logging.js';
import { MediaError, type Media, type Participant, type Room } from '../../src/media/contract.js';
import { findJanus, JanusProcess } from '../../src/media/janus-process.js';
import { createMedia } from '../../src/media/media.js';
import { mutatedCandidate, mutatedSdp } from '../../src/media/test/mutations.js';
import { offer } from '../../src/media/test/offer.js';
import { makeId } from '../person.js';

const count = rounds({ short: 30, full: 2_000 });
const seed = seedFor('sdp');
const logger = createLogger('silent');

describe.skipIf(findJanus('janus') === null)('descriptions of a modified client', () => {
  let janus: JanusProcess;
  let media: Media;
  let room: Room;
  const changes: boolean[] = [];
  const over = new AbortController();

  beforeAll(async () => {
    janus = await JanusProcess.start({ program: findJanus('janus') ?? '', logger });
    media = createMedia({ urls: [() => janus.url], apiSecret: janus.apiSecret, logger });
    media.onAvailability((available) => changes.push(available), over.signal);
    await vi.waitFor(() => {
      expect(media.available).toBe(true);
    }, 30_000);
    room = await media.openRoom(makeId() as CallId);
  });
  afterAll(async () => {
    over.abort();
    await media.close();
    await janus.stop();
  });

  const join = () => room.join(makeId() as DeviceId, () => undefined);

  /** What becomes of it: nothing but an answer or an error of the contract. */
  async function outcome(work: Promise<unknown>): Promise<string> {
    try {
      await work;
      return 'taken';
    } catch (error) {
      expect(error).toBeInstanceOf(MediaError);
      return (error as MediaError).code;
    }
  }

  async function tryOne(participant: Participant, random: () => number): Promise<string> {
    const published = await outcome(participant.publish(mutatedSdp(offer, random)));
    for (const direction of ['publish', 'subscribe'] as const) {
      const candidate = mutatedCandidate(random);
      const place = {
        sdpMid: random() < 0.5 ? '0' : 'x',
        sdpMLineIndex: Math.floor(random() * 65),
      };
      await outcome(participant.candidate(direction, { candidate, ...place }));
    }
    // Nothing was offered to it: no answer of its own gets to Janus.
    expect(await outcome(participant.answer(mutatedSdp(offer, random)))).toBe('sdp_invalid');
    return published;
  }

  it(
    `are answered or refused, ${String(count)} of them from seed ${String(seed)}`,
    { timeout: 30_000 + count * 300 },
    async () => {
      const random = randomOf(seed);
      const outcomes: Record<string, number> = {};
      for (let index = 0; index < count; index += 1) {
        const participant = await join();
        // A second one is a renegotiation, or one of another connection.
        const results = [await tryOne(participant, random), await tryOne(participant, random)];
        for (const result of results) outcomes[result] = (outcomes[result] ?? 0) + 1;
        await participant.leave();
      }
      // Refusals that are not of the description would hide what it does: only a lost Janus makes many.
      expect(outcomes['sdp_invalid']).toBeGreaterThan(0);
      expect(changes).toEqual([true]);
      const honest = await join();
      await expect(honest.publish(offer)).resolves.toMatch(/^v=0/);
      await honest.leave();
    },
  );
});
