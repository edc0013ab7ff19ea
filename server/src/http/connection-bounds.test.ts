import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Session, SessionWatcher } from '../connection.js';
import { limits } from '../limits.js';
import { createConnectionBounds, type ConnectionBounds } from './connection-bounds.js';

let bounds: ConnectionBounds;
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  bounds.close();
  vi.useRealTimers();
});

const session = (deviceId: string): Session => ({ deviceId }) as unknown as Session;

/** Enters from an address so many times. @returns the streams, and the places that were got. */
function crowd(times: number, address: string | ((index: number) => string)) {
  const streams: PassThrough[] = [];
  const places: SessionWatcher[] = [];
  for (let index = 0; index < times; index += 1) {
    const stream = new PassThrough();
    const from = typeof address === 'string' ? address : address(index);
    places.push(bounds.enter(from, stream));
    streams.push(stream);
  }
  return { streams, places };
}

const refused = expect.objectContaining({ code: 'too_many', retryAfterSeconds: 10 }) as Error;
const closed = (stream: PassThrough) => new Promise((resolve) => stream.once('close', resolve));

test('one address has so many connections without a log-in, and the next when one has gone', async () => {
  bounds = createConnectionBounds();
  const { streams } = crowd(limits.unsignedPerAddressMax, '203.0.113.1');
  expect(() => crowd(1, '203.0.113.1')).toThrow(refused);
  crowd(1, '203.0.113.2');
  const [first] = streams;
  first?.destroy();
  await closed(first as PassThrough);
  crowd(1, '203.0.113.1');
  expect(() => crowd(1, '203.0.113.1')).toThrow(refused);
});

test('who signs in makes room for others without, and takes it again on signing out', () => {
  bounds = createConnectionBounds({ unsignedPerAddressMax: 3 });
  const { places } = crowd(3, 'a');
  places[0]?.onSession(session('one'));
  crowd(1, 'a');
  expect(() => crowd(1, 'a')).toThrow(refused);
  places[1]?.onSession(session('two'));
  places[0]?.onSession(null);
  expect(() => crowd(1, 'a')).toThrow(refused);
});

test.each([
  ['of one address', { connectionsPerAddressMax: 5 }, () => 'a'],
  ['of all', { connectionsMax: 5 }, (index: number) => `address ${String(index)}`],
  ['of all without a log-in', { unsignedMax: 5 }, (index: number) => `address ${String(index)}`],
])('the connections %s are bounded', (_what, changes, address) => {
  bounds = createConnectionBounds(changes);
  crowd(5, address);
  expect(() => crowd(1, () => address(9))).toThrow(refused);
});

test('bounds by address can be lifted, the others stay', () => {
  bounds = createConnectionBounds({
    perAddress: false,
    connectionsPerAddressMax: 1,
    unsignedPerAddressMax: 1,
    connectionsMax: 5,
  });
  crowd(5, 'a');
  expect(() => crowd(1, 'a')).toThrow(refused);
});

test('who does not sign in has to go, and not a moment before; who does may stay', () => {
  bounds = createConnectionBounds();
  const early = crowd(2, 'a');
  early.places[0]?.onSession(session('one'));
  vi.advanceTimersByTime(limits.signInSeconds * 1000 - 5_000);
  const late = crowd(1, 'a');
  expect(early.streams.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  vi.advanceTimersByTime(10_000);
  expect(early.streams.map(({ destroyed }) => destroyed)).toEqual([false, true]);
  expect(late.streams[0]?.destroyed).toBe(false);
  // Signing out begins the time anew.
  early.places[0]?.onSession(null);
  vi.advanceTimersByTime(limits.signInSeconds * 1000 - 10_000);
  expect(early.streams[0]?.destroyed).toBe(false);
  vi.advanceTimersByTime(15_000);
  expect(early.streams[0]?.destroyed).toBe(true);
});

test('a device keeps its newest connections', () => {
  bounds = createConnectionBounds();
  const { streams, places } = crowd(limits.connectionsPerDeviceMax + 2, (index) => String(index));
  for (const place of places) place.onSession(session('one'));
  expect(streams.map(({ destroyed }) => destroyed)).toEqual([
    true,
    true,
    ...Array<boolean>(limits.connectionsPerDeviceMax).fill(false),
  ]);
  const other = crowd(1, 'b');
  other.places[0]?.onSession(session('two'));
  expect(other.streams[0]?.destroyed).toBe(false);
});

test('a stream that has gone before it came in takes no place', () => {
  bounds = createConnectionBounds({ connectionsMax: 1 });
  const gone = new PassThrough();
  gone.destroy();
  bounds.enter('a', gone).onSession(session('one'));
  crowd(1, 'a');
});
