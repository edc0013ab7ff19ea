/** Runs a bounded number of tasks at a time; the others wait in the order of asking. */
export interface Lanes {
  run<Result>(task: () => Promise<Result>): Promise<Result>;
}

/** @param lanesMax how many tasks run at a time, 1 or more. */
export function createLanes(lanesMax: number): Lanes {
  const waiting: (() => void)[] = [];
  let free = lanesMax;

  const enter = (): Promise<void> => {
    if (free > 0) {
      free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };

  return {
    async run(task) {
      await enter();
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}
