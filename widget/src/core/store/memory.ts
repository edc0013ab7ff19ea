/** A store that lives as long as its page: for tests, and where nothing may be kept. */
import { compareKeys, decodeValue, encodeValue, hasPrefix } from './codec.js';
import {
  StoreError,
  type Key,
  type RangeOptions,
  type Store,
  type Table,
  type Write,
} from './contract.js';

interface Row {
  key: Key;
  /** Encoded, so that what comes out never shares memory with what went in, as on a disk. */
  bytes: Uint8Array;
}

/** Opens an empty store in memory. */
export function createMemoryStore(): Store {
  const tables = new Map<Table, Row[]>();
  let closed = false;

  const rowsOf = (table: Table): Row[] => {
    if (closed) throw new StoreError('gone', 'the store is closed');
    let rows = tables.get(table);
    if (rows === undefined) tables.set(table, (rows = []));
    return rows;
  };

  return {
    async get(table, key) {
      const rows = rowsOf(table);
      const row = rows[positionOf(rows, key)];
      return row !== undefined && compareKeys(row.key, key) === 0
        ? decodeValue(row.bytes)
        : undefined;
    },
    async range(table, options) {
      return selectRows(rowsOf(table), options).map(({ key, bytes }) => ({
        key,
        value: decodeValue(bytes),
      }));
    },
    async commit(writes) {
      // Encoded first: a value that cannot be encoded must leave nothing behind.
      const encoded = writes.map(({ value }) =>
        value === undefined ? undefined : encodeValue(value),
      );
      writes.forEach((write, index) => {
        put(rowsOf(write.table), write, encoded[index]);
      });
    },
    async erase() {
      tables.clear();
      closed = true;
    },
    async close() {
      closed = true;
    },
  };
}

function put(rows: Row[], { key }: Write, bytes: Uint8Array | undefined): void {
  const position = positionOf(rows, key);
  const found = rows[position];
  const present = found !== undefined && compareKeys(found.key, key) === 0 ? 1 : 0;
  if (bytes === undefined) rows.splice(position, present);
  else rows.splice(position, present, { key: [...key], bytes });
}

/** Where the key is, or where it would be inserted. */
function positionOf(rows: readonly Row[], key: Key): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && compareKeys(row.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function selectRows(
  rows: readonly Row[],
  { prefix, before, after, reverse, limit }: RangeOptions,
): Row[] {
  const start = positionOf(rows, after ?? prefix);
  const selected: Row[] = [];
  for (let index = start; index < rows.length; index += 1) {
    const row = rows[index];
    if (row === undefined || !hasPrefix(row.key, prefix)) break;
    if (before !== undefined && compareKeys(row.key, before) >= 0) break;
    if (after !== undefined && compareKeys(row.key, after) <= 0) continue;
    selected.push(row);
    if (reverse !== true && selected.length === limit) break;
  }
  return reverse === true ? selected.reverse().slice(0, limit) : selected;
}
