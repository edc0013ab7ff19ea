/** What a part of the bench is: a module `{server,widget,e2e}/bench/NAME.bench.ts` that exports `run`. */

/** One measured figure. */
export interface Figure {
  /** `part: what`, such as `messages: acknowledged per second, SQLite, 100 pairs`. Stable between runs. */
  name: string;
  value: number;
  /** `1/s`, `ms`, `us`, `B`, `KB`, `%`, `x`, ... */
  unit: string;
  /** The bare thing measured in the same run, such as a relay without storage; `null` where there is none. */
  floor: number | null;
  /** From the design's budgets, in the same unit; `null` where it names none. */
  budget: number | null;
}

export interface BenchOptions {
  /** A run of seconds that only shows that the part still works; its figures mean nothing. */
  quick: boolean;
  /** Progress, for people. */
  say: (line: string) => void;
}

/** Measures, cleans up, and answers its figures. */
export type BenchPart = (options: BenchOptions) => Promise<Figure[]>;
