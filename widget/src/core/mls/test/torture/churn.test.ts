import { expect, test } from 'vitest';
import { rounds, seedFor } from '../../../../../../scripts/rounds.js';
import { churn } from '../churn.js';

const seed = seedFor('churn');
const parts = 5;
const stepsPerPart = rounds({ short: 60, full: 400 });

test.each(Array.from({ length: parts }, (_, part) => part))(
  `churn from seed ${String(seed)} keeps every member together, part %i`,
  async (part) => {
    const counts = await churn({ seed: seed + part, steps: stepsPerPart });
    expect(Object.keys(counts).sort()).toEqual(['add', 'join', 'rejoin', 'remove', 'update']);
  },
  stepsPerPart * 1_200,
);
