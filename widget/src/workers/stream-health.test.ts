import { expect, test } from 'vitest';
import { StreamHealth } from './stream-health.js';

test('the first frame that opens is told once', () => {
  const health = new StreamHealth();
  expect(health.note(false, 0)).toBeNull();
  expect(health.note(true, 20)).toBe('first_frame');
  expect(health.note(true, 40)).toBeNull();
});

test('a stall needs both a while and some frames, is told once, and its end is told', () => {
  const health = new StreamHealth();
  health.note(true, 0);
  for (let frame = 0; frame < 20; frame += 1) expect(health.note(false, 100 + frame)).toBeNull();
  expect(health.note(false, 1_100)).toBe('stalled');
  expect(health.note(false, 1_200)).toBeNull();
  expect(health.note(true, 1_300)).toBe('first_frame');

  const sparse = new StreamHealth();
  for (let frame = 0; frame < 9; frame += 1) expect(sparse.note(false, frame * 1_000)).toBeNull();
  expect(sparse.note(false, 9_000)).toBe('stalled');
});

test('a single lost frame between good ones is nothing', () => {
  const health = new StreamHealth();
  health.note(true, 0);
  for (let time = 0; time < 10_000; time += 100)
    expect(health.note(time % 200 === 0, time)).toBeNull();
});
