/** Where a device keeps what it must not lose: tables of ordered keys, changed only by atomic batches. */

/** Key parts sort as IndexedDB sorts arrays: numbers before strings, then element by element. */
export type Key = readonly (string | number)[];

export type Table =
  | 'meta' // identity, session, settings, cursors' schema version
  | 'key_packages' // private halves, by key package reference
  | 'conversations' // one record each: cursor, epoch, peer, read marker
  | 'groups' // MLS state: ['conversation', 'tree', epoch] and ['conversation', 'secrets']
  | 'messages' // [conversation, order]
  | 'message_ids' // [conversation, message id] to order: what was seen, for never showing twice
  | 'outbox' // [conversation, position]: exact bytes to send, until acknowledged
  | 'pins' // [address]: the account key first seen, verified or not
  | 'calls'; // [conversation, call id]: calls seen, the latest words of them

export interface Write {
  table: Table;
  key: Key;
  /** Anything MessagePack can carry (bytes included); `undefined` deletes. */
  value: unknown;
}

export interface RangeOptions {
  /** Only keys that begin with these parts. */
  prefix: Key;
  /** Only keys below this one (exclusive). */
  before?: Key;
  /** Only keys above this one (exclusive). */
  after?: Key;
  reverse?: boolean;
  limit: number;
}

export interface Store {
  /** `undefined`: nothing there. */
  get(table: Table, key: Key): Promise<unknown>;
  range(table: Table, options: RangeOptions): Promise<{ key: Key; value: unknown }[]>;
  /** All of it or nothing, and durable when it resolves. An empty batch asks whether the store is still this owner's.
   * @throws StoreError */
  commit(writes: readonly Write[]): Promise<void>;
  /** Deletes everything, the encryption key included, and closes. */
  erase(): Promise<void>;
  close(): Promise<void>;
  /** Resolves if it is deleted from outside, or has to make room for a newer version. */
  readonly gone?: Promise<void>;
}

export class StoreError extends Error {
  constructor(
    /** `full`: no space left. `gone`: deleted, closed or taken over by another owner; for good. `unavailable`: cannot be opened here. `blocked`: an older version in another tab has it open. `outdated`: a newer version has changed it. `malformed`: bytes that do not decrypt. */
    readonly code: 'full' | 'gone' | 'unavailable' | 'blocked' | 'outdated' | 'malformed',
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = 'StoreError';
  }
}
