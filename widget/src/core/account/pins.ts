/** Whose account key was seen first for which address (trust on first use), and whether people compared it. */
import { equalBytes } from '../bytes.js';
import type { Address } from '../ids.js';
import type { PinCheck } from '../mls/contract.js';
import type { Store, Write } from '../store/contract.js';

export interface Pin {
  accountKey: Uint8Array;
  verified: boolean;
  /** Another key that was seen for this address. Nothing is sent until the person decides. */
  changedKey?: Uint8Array;
}

export interface Pins {
  get(address: Address): Pin | undefined;
  /** Checks a key against its pin. An address without one is taken at its word: the key then has to be pinned in
   * the same batch as whatever it was checked for. */
  readonly check: PinCheck;
  /** The write for a batch; `settle` makes it true in memory once the batch is stored. */
  write(address: Address, pin: Pin): { write: Write; settle: () => void };
}

/** Reads all pins: one for each person whom this device has met. */
export async function loadPins(store: Store): Promise<Pins> {
  const pins = new Map<Address, Pin>();
  const rows = await store.range('pins', { prefix: [], limit: 100_000 });
  for (const { key, value } of rows) pins.set(key[0] as Address, value as Pin);
  return {
    get: (address) => pins.get(address),
    check: (address, accountKey) => {
      const pin = pins.get(address);
      return pin === undefined || equalBytes(pin.accountKey, accountKey);
    },
    write: (address, pin) => ({
      write: { table: 'pins', key: [address], value: pin },
      settle: () => pins.set(address, pin),
    }),
  };
}
