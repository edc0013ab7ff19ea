/** A process under measurement, with the probe in it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the probe tells. Bytes, microseconds, milliseconds. */
export interface Reading {
  rss: number;
  heapUsed: number;
  external: number;
  cpuUs: number;
  /** The longest stall of the event loop since the last reset. */
  stallMs: number;
}

const root = resolve(import.meta.dirname, '../..');

/** A running process. */
export class MeasuredProcess {
  readonly #child: ChildProcess;
  /** Lines of standard output that were not taken yet. */
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error('no standard output');
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts a script of the project.
   * @param script relative to the project's folder.
   * @param environment in place of the present one. */
  static start(script: string, environment: Record<string, string> = {}): MeasuredProcess {
    const probe = pathToFileURL(resolve(import.meta.dirname, 'probe.js')).href;
    const flags = (process.env.PARLEY_BENCH_FLAGS ?? '').split(' ').filter((flag) => flag !== '');
    const child = spawn(
      process.execPath,
      ['--expose-gc', '--import', probe, ...flags, resolve(root, script)],
      {
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
        env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
      },
    );
    process.once('exit', () => child.kill('SIGKILL'));
    return new MeasuredProcess(child);
  }

  /** The first line that says what is wanted, as an object. */
  async line<Line>(fits: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const next: IteratorResult<string, unknown> = await this.#lines.next();
      if (next.done === true) throw new Error('the process ended');
      const line = JSON.parse(next.value) as Line;
      if (fits(line)) return line;
    }
  }

  /** @param settled after a collection of garbage, so that memory says what is held.
   * @param reset the longest stall counts from here. */
  async read(how: 'settle' | 'reset' | 'look' = 'look'): Promise<Reading> {
    const told = once(this.#child, 'message') as Promise<[Reading]>;
    this.#child.send(how);
    return (await told)[0];
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}
