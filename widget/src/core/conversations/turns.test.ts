import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceId } from '../ids.js';
import { hear, hearUnread, heardMax, newRun, type Heard } from './turns.js';

const device = 'a'.repeat(22) as DeviceId;
const run = newRun();

/** Some of 1 to 30, each once, in any order: what a server may let through, since MLS opens nothing twice. */
const letThrough = fc.shuffledSubarray(Array.from({ length: 30 }, (_, index) => index + 1));

interface Listener {
  heard: Heard[];
  delivered: Set<number>;
  missing: Set<number>;
}

const listener = (): Listener => ({ heard: [], delivered: new Set(), missing: new Set() });

/** Takes one as the engine would: what is missing is kept a place for, and fills it when it comes. */
function take(state: Listener, count: number, whole = true): { late: boolean } {
  const { heard, missing, late } = hear(state.heard, device, { turn: { run, count }, whole });
  state.heard = heard;
  for (let back = missing; back > 0; back -= 1) {
    expect(state.delivered.has(count - back)).toBe(false);
    state.missing.add(count - back);
  }
  if (late) expect(state.missing.has(count)).toBe(true);
  state.missing.delete(count);
  state.delivered.add(count);
  return { late };
}

describe('counting', () => {
  test('shows each that was left out before one that came, and no other', () => {
    fc.assert(
      fc.property(letThrough, (counts) => {
        const state = listener();
        for (const count of counts) take(state, count);
        const highest = Math.max(0, ...counts);
        const absent = Array.from({ length: highest }, (_, index) => index + 1).filter(
          (count) => !counts.includes(count),
        );
        expect([...state.missing].sort((a, b) => a - b)).toEqual(absent);
      }),
    );
  });

  test('names exactly those late that come after a later one', () => {
    fc.assert(
      fc.property(letThrough, (counts) => {
        const state = listener();
        let highest = 0;
        for (const count of counts) {
          expect(take(state, count).late).toBe(count < highest);
          highest = Math.max(highest, count);
        }
      }),
    );
  });

  test('raises no alarm over what is told of already: spoiled, or kept no longer', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (readable) => {
        let heard: Heard[] = [];
        readable.forEach((isReadable, index) => {
          if (!isReadable) {
            heard = hearUnread(heard, device);
            return;
          }
          const told = hear(heard, device, { turn: { run, count: index + 1 }, whole: true });
          expect(told.missing).toBe(0);
          ({ heard } = told);
        });
      }),
    );
  });

  test('does not let one spoiled message cover for two that are gone', () => {
    const spoiled = hearUnread(
      hear([], device, { turn: { run, count: 1 }, whole: true }).heard,
      device,
    );
    expect(hear(spoiled, device, { turn: { run, count: 3 }, whole: true }).missing).toBe(0);
    // And which of them is the spoiled one nobody knows.
    expect(hear(spoiled, device, { turn: { run, count: 4 }, whole: true })).toMatchObject({
      missing: 2,
      amongUnread: true,
    });
  });

  test('begins with the first that is heard where this device came later, and with 1 where it was there', () => {
    const turn = { run, count: 7 };
    expect(hear([], device, { turn, whole: false })).toMatchObject({ missing: 0, late: false });
    expect(hear([], device, { turn, whole: true }).missing).toBe(6);
    // A device that is known begins its next run with 1, and its former run goes on to be known.
    const { heard } = hear([], device, { turn, whole: false });
    const next = { run: newRun(), count: 3 };
    const second = hear(heard, device, { turn: next, whole: false });
    expect(second.missing).toBe(2);
    expect(hear(second.heard, device, { turn: { run, count: 8 }, whole: false })).toMatchObject({
      missing: 0,
      late: false,
    });
  });

  test('remembers no more than it has room for, whatever a server names', () => {
    let { heard } = hear([], device, { turn: { run, count: 5 }, whole: true });
    for (let index = 0; index < 2 * heardMax; index += 1)
      heard = hearUnread(heard, String(index).padStart(22, 'x') as DeviceId);
    expect(heard).toHaveLength(heardMax);
    expect(hear(heard, device, { turn: { run, count: 6 }, whole: true })).toMatchObject({
      missing: 0,
      late: false,
    });
    for (let index = 0; index < 2 * heardMax; index += 1)
      ({ heard } = hear(heard, device, { turn: { run: newRun(), count: 1 }, whole: true }));
    expect(heard).toHaveLength(heardMax);
  });
});
