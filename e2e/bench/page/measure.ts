/** What a page costs its visitor, by Chromium's own account. */
import type { CDPSession, Page } from 'playwright-core';

/** The costs of a stretch of a page's life. */
export interface Costs {
  /** JavaScript on the main thread, ours and the page's own. */
  scriptMs: number;
  /** By the clock, also while others had the processor. */
  longestTaskMs: number;
  /** By the main thread's own use of the processor. */
  longestTaskCpuMs: number;
  /** Cumulative layout shift, without unit. */
  layoutShift: number;
  /** After garbage collection. */
  heapKb: number;
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds by the clock, and of the processor. */
  dur?: number;
  tdur?: number;
  args?: { name?: string; data?: { frames?: { url: string; processId: number }[] } };
}

/** Watches a page from before it is loaded. */
export class Meter {
  readonly #page: Page;
  readonly #session: CDPSession;
  #events: TraceEvent[] = [];
  #scriptBefore = 0;

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
    session.on('Tracing.dataCollected', ({ value }) => {
      this.#events.push(...(value as unknown as TraceEvent[]));
    });
  }

  static async on(page: Page): Promise<Meter> {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    await session.send('HeapProfiler.enable');
    await page.addInitScript(() => {
      const shifts = { sum: 0 };
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          shifts.sum += (entry as unknown as { value: number }).value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    return new Meter(page, session);
  }

  /** From now on it counts. */
  async start(): Promise<void> {
    this.#events = [];
    this.#scriptBefore = await this.#scriptMs();
    await this.#session.send('Tracing.start', {
      transferMode: 'ReportEvents',
      traceConfig: {
        includedCategories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'],
      },
    });
  }

  /** What it was since then. */
  async stop(): Promise<Costs> {
    const complete = new Promise<void>((resolve) => {
      this.#session.once('Tracing.tracingComplete', () => {
        resolve();
      });
    });
    const scriptMs = (await this.#scriptMs()) - this.#scriptBefore;
    await this.#session.send('Tracing.end');
    await complete;
    await this.#session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#session.send('Runtime.getHeapUsage');
    const layoutShift = await this.#page.evaluate(
      () => (globalThis as unknown as { shifts: { sum: number } }).shifts.sum,
    );
    return { scriptMs, ...this.#longestTasks(), layoutShift, heapKb: usedSize / 1024 };
  }

  async #scriptMs(): Promise<number> {
    const { metrics } = await this.#session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0) * 1000;
  }

  /** The longest tasks of the page's main thread. */
  #longestTasks(): Pick<Costs, 'longestTaskMs' | 'longestTaskCpuMs'> {
    const main = new Set(
      this.#events
        .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
        .map(({ pid, tid }) => `${String(pid)} ${String(tid)}`),
    );
    const tasks = this.#events.filter(
      ({ name, pid, tid }) =>
        (name === 'RunTask' || name === 'ThreadControllerImpl::RunTask') &&
        (main.size === 0 || main.has(`${String(pid)} ${String(tid)}`)),
    );
    return {
      longestTaskMs: Math.max(0, ...tasks.map(({ dur = 0 }) => dur / 1000)),
      longestTaskCpuMs: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000)),
    };
  }
}
