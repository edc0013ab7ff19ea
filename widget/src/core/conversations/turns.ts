/** Counting what each device says: a server that leaves a message out, or changes the order, shows by the numbers.
 *
 * Every content carries its turn (see `content/schema.ts`) inside the encryption. Whoever was in from the start expects
 * 1 first; whoever came later takes the first number that it hears. What is known to be lost already (it could not be
 * opened, or the server keeps it no longer) is told of where it stands, and not a second time here. */
import { randomBytes, toBase64Url } from '../bytes.js';
import type { Turn } from '../content/index.js';
import type { DeviceId, MessageId } from '../ids.js';

/** What was heard of one run of one device. */
export interface Heard {
  device: DeviceId;
  /** Empty: nothing that could be opened yet. */
  run: string;
  /** The highest one. */
  count: number;
  /** Since then: those whose number could not be read. */
  unread: number;
}

/** Runs that are remembered: more than the devices of two accounts. */
export const heardMax = 64;

export const newRun = (): string => toBase64Url(randomBytes(8));

/** The row that stands for one that is missing, until it comes. */
export const missingId = (device: DeviceId, { run, count }: Turn): MessageId =>
  `missing-${device}-${run}-${String(count)}` as MessageId;

/** Takes a turn.
 * @param whole whether this device was in before anything was said.
 * @returns `missing`: how many directly before it never came, and `amongUnread`: nobody knows where between those that could
 * not be read. `late`: it should have come before others. */
export function hear(
  heard: readonly Heard[],
  device: DeviceId,
  { turn: { run, count }, whole }: { turn: Turn; whole: boolean },
): { heard: Heard[]; missing: number; amongUnread: boolean; late: boolean } {
  const own = heard.filter((other) => other.device === device);
  const known = own.find((other) => other.run === run);
  const isCounted = whole || own.some((other) => other.run !== '');
  const next = known === undefined ? (isCounted ? 1 : count) : known.count + 1;
  const unread = Math.max(0, ...own.map((other) => other.unread));
  const now = { device, run, count: Math.max(count, known?.count ?? 0), unread: 0 };
  const rest = heard
    .filter((other) => other !== known && (other.device !== device || other.run !== ''))
    .map((other) => (other.device === device ? { ...other, unread: 0 } : other));
  const skipped = Math.max(0, count - next);
  return {
    heard: [...rest, now].slice(-heardMax),
    missing: skipped > unread ? skipped : 0,
    amongUnread: unread > 0,
    late: count < next,
  };
}

/** Takes one that could not be read, of this device as far as is known. */
export function hearUnread(heard: readonly Heard[], device: DeviceId): Heard[] {
  const more = heard.map((other) =>
    other.device === device ? { ...other, unread: other.unread + 1 } : other,
  );
  const isKnown = heard.some((other) => other.device === device);
  // The device is the server's word: it must not push out what is known.
  if (isKnown || heard.length >= heardMax) return more;
  return [...more, { device, run: '', count: 0, unread: 1 }];
}
