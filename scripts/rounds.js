/** How long a random test goes on, and where its randomness comes from.
 *
 * `npm test` runs a short round; `npm run torture` sets `PARLEY_TORTURE=full`. `PARLEY_SEED` replays a run:
 * every random test prints its seed and takes all its randomness from it. */

/** Whether the full counts are asked for. */
export const fullRounds = process.env['PARLEY_TORTURE'] === 'full';

/** The count for this run. */
export const rounds = ({ short, full }) => (fullRounds ? full : short);

/** The seed of this run, 0 to 2^32 - 1; printed, so that a failure can be replayed. */
export function seedFor(name) {
  const given = Number(process.env['PARLEY_SEED']);
  const seed =
    process.env['PARLEY_SEED'] !== undefined && Number.isInteger(given)
      ? given >>> 0
      : Math.floor(Math.random() * 2 ** 32);
  process.stdout.write(`${name}: PARLEY_SEED=${String(seed)}\n`);
  return seed;
}

/** A repeatable source of numbers from 0 to 1 (the generator "mulberry32"); never for keys. */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
