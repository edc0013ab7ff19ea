/** Key packages: what others add this device with. Private halves are stored before the public ones are published. */
import type { Context } from '../context.js';
import { generateKeyPackage, type KeyPackagePair } from '../mls/index.js';
import type { Write } from '../store/contract.js';

export interface StoredKeyPackage {
  privateBytes: Uint8Array;
  lastResort: boolean;
  createdAt: number;
}

/** Enough for weeks of being written to by strangers; the server asks for more below 20. */
const oneTimeTarget = 50;
const portion = 10;
/** What a server can make this device produce in a day by claiming that none are left. */
const perDayMax = 300;
const lastResortsPerDayMax = 3;
const dayMs = 24 * 3_600_000;
/** A private half is of no use after its package's life, 90 days; the last resort is renewed every month. */
const oneTimeKeptMs = 100 * dayMs;
const lastResortRenewedMs = 30 * dayMs;
const lastResortKeptMs = 400 * dayMs;

/** A new device can be written to only once it has published a key package: the last resort, before all others. */
export async function publishFirstKeyPackage(context: Context): Promise<void> {
  const own = await context.store.range('key_packages', { prefix: [], limit: 1 });
  if (own.length === 0) await publish(context, { count: 0, lastResort: true });
}

/** One at a time for each client: each has to count what was made before it. */
const underWay = new WeakMap<Context, Promise<void>>();

/** Fills the server's stock up; asked for while it runs, that is it. */
export function topUpKeyPackages(context: Context): Promise<void> {
  const running = underWay.get(context);
  if (running !== undefined) return running;
  const filled = fill(context).finally(() => underWay.delete(context));
  underWay.set(context, filled);
  return filled;
}

async function fill(context: Context): Promise<void> {
  const { store, clock } = context;
  const own = await store.range('key_packages', { prefix: [], limit: 10_000 });
  const packages = own.map(({ key, value }) => ({
    ref: key[0] as string,
    ...(value as StoredKeyPackage),
  }));
  const now = clock.now();
  await store.commit(expired(packages, now));

  const stock = await context.connection().keyPackageStock();
  const lastResorts = packages.filter(({ lastResort }) => lastResort);
  const newest = Math.max(0, ...lastResorts.map(({ createdAt }) => createdAt));
  const isWanted = !stock.lastResort || now - newest > lastResortRenewedMs;
  const fresh = lastResorts.filter(({ createdAt }) => now - createdAt < dayMs).length;
  if (isWanted && fresh < lastResortsPerDayMax)
    await publish(context, { count: 0, lastResort: true });
  const today = packages.filter(({ createdAt }) => now - createdAt < dayMs).length;
  let missing = Math.min(oneTimeTarget - stock.oneTime, perDayMax - today);
  // In portions: the first of them is there soon, and a crash loses little.
  while (missing > 0) {
    await publish(context, { count: Math.min(missing, portion), lastResort: false });
    missing -= portion;
  }
}

function expired(packages: readonly (StoredKeyPackage & { ref: string })[], now: number): Write[] {
  return packages
    .filter(
      ({ lastResort, createdAt }) =>
        now - createdAt > (lastResort ? lastResortKeptMs : oneTimeKeptMs),
    )
    .map(({ ref }) => ({ table: 'key_packages', key: [ref], value: undefined }));
}

async function publish(
  context: Context,
  what: { count: number; lastResort: boolean },
): Promise<void> {
  const now = context.clock.now();
  const identity = context.identity();
  const make = (lastResort: boolean): Promise<KeyPackagePair> =>
    generateKeyPackage(identity, { lastResort, now });
  const oneTime: KeyPackagePair[] = [];
  for (let index = 0; index < what.count; index += 1) oneTime.push(await make(false));
  const lastResort = what.lastResort ? await make(true) : null;
  const write = ({ ref, privateBytes }: KeyPackagePair, isLast: boolean): Write => {
    const value: StoredKeyPackage = { privateBytes, lastResort: isLast, createdAt: now };
    return { table: 'key_packages', key: [ref], value };
  };
  await context.store.commit([
    ...oneTime.map((pair) => write(pair, false)),
    ...(lastResort === null ? [] : [write(lastResort, true)]),
  ]);
  await context.connection().publishKeyPackages({
    oneTime: oneTime.map(({ publicBytes }) => publicBytes),
    ...(lastResort && { lastResort: lastResort.publicBytes }),
  });
}
