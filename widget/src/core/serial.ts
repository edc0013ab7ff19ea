/** Runs tasks one after another: the order of asking is the order of doing. */
export interface Serial {
  run<Result>(task: () => Promise<Result>): Promise<Result>;
  /** Resolves when everything asked for so far is done. */
  idle(): Promise<void>;
}

export function createSerial(): Serial {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const result = tail.then(task);
      tail = result.catch(() => undefined);
      return result;
    },
    async idle() {
      await tail;
    },
  };
}
