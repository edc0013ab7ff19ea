import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PingWheel } from './ping-wheel.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class Socket {
  silent = false;
  pings: number[] = [];
  terminated = false;
  ping(): void {
    this.pings.push(Date.now());
  }
  terminate(): void {
    this.terminated = true;
  }
}

test('each socket is pinged once in a round, and not all at the same time', () => {
  const wheel = new PingWheel<Socket>(3_200);
  const sockets = Array.from({ length: 64 }, () => new Socket());
  for (const socket of sockets) wheel.add(socket);
  vi.advanceTimersByTime(3_200);
  for (const { pings } of sockets) expect(pings).toHaveLength(1);
  expect(new Set(sockets.flatMap(({ pings }) => pings)).size).toBe(32);
  expect(wheel.all()).toHaveLength(64);
  wheel.stop();
});

test('who stays silent for a round is ended, who answers is not', () => {
  const wheel = new PingWheel<Socket>(3_200);
  const [silent, alive, gone] = [new Socket(), new Socket(), new Socket()];
  wheel.add(silent);
  wheel.add(alive);
  wheel.remove(gone, wheel.add(gone));
  vi.advanceTimersByTime(3_200);
  alive.silent = false;
  vi.advanceTimersByTime(3_200);
  expect([silent.terminated, alive.terminated, gone.terminated]).toEqual([true, false, false]);
  expect(gone.pings).toHaveLength(0);
  wheel.stop();
});
