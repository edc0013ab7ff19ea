import { expect, test } from 'vitest';
import { churn } from './churn.js';

const seed = Number(process.env.PARLEY_CHURN_SEED ?? Math.floor(Math.random() * 2 ** 32));
const steps = Number(process.env.PARLEY_CHURN_STEPS ?? 500);

// Replay a failure with PARLEY_CHURN_SEED; the shown parts are five runs of a fifth each.
test.each([0, 1, 2, 3, 4])(
  `churn from seed ${String(seed)} keeps every member together, part %i`,
  async (part) => {
    const counts = await churn({ seed: seed + part, steps: steps / 5 });
    expect(Object.keys(counts).sort()).toEqual(['add', 'join', 'rejoin', 'remove', 'update']);
  },
  120_000,
);
