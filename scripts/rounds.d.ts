/** Whether the full counts are asked for (`npm run torture`). */
export declare const fullRounds: boolean;
/** The count for this run. */
export declare function rounds(counts: { short: number; full: number }): number;
/** The seed of this run, 0 to 2^32 - 1: `PARLEY_SEED`, or a fresh one; printed. */
export declare function seedFor(name: string): number;
/** A repeatable source of numbers from 0 (included) to 1 (excluded); never for keys. */
export declare function randomOf(seed: number): () => number;
