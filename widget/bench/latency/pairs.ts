/** Pairs under load: one process says, another hears, and this one keeps the time. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bundleModule } from '../../../scripts/bench/bundle.js';
import type { ServerProcess } from '../../src/core/test/server-process.js';
import { clockMs, type Request, type Told } from './voices.js';

type Answer = Extract<Told, { type: 'answer' }>;
type Asked = Exclude<Request, { type: 'say' }>;

/** Milliseconds. */
export interface Latency {
  p50: number;
  p99: number;
}

/** What the two clients' parts took, p50 in milliseconds: the server's is what lies between. */
export interface Talked extends Latency {
  /** From what is said to what goes onto the socket, stored. */
  sealing: number;
  /** From what comes off the socket to what is shown, stored. */
  opening: number;
}

/** A steady rate, and what came of it. */
export interface Offered extends Latency {
  /** Heard by the other one. */
  perSecond: number;
  /** Processor time of the two processes with the clients, for each message. */
  cpuMs: number;
}

/** Who is asked, for how many pairs. */
export interface Load {
  pairs: number;
  server: Pick<ServerProcess, 'url' | 'bazaar' | 'garden'> | { relayPort: number };
}

const settleMsMax = 90_000;

function percentiles(times: readonly number[]): Latency {
  const sorted = [...times].sort((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** A process of voices. */
class Side {
  onSeen: (pair: number, ms: number) => void = () => undefined;
  readonly #child: ChildProcess;
  #answered: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;

  constructor(module: string) {
    this.#child = fork(module, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    this.#child.on('message', (told: Told) => this.#take(told));
    this.#child.on('exit', () => this.#answered?.reject(new Error('a process of voices ended')));
  }

  ask(request: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject };
      this.#child.send(request);
    });
  }

  say(pair: number, at?: number): void {
    this.#child.send({ type: 'say', pair, ...(at !== undefined && { at }) } satisfies Request);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #take(told: Told): void {
    if (told.type === 'seen') this.onSeen(told.pair, told.ms);
    else if (told.type === 'answer') this.#answered?.resolve(told);
    else if (this.#answered !== null) this.#answered.reject(new Error(told.reason));
    // What could not be said is missed at the end.
    else process.stderr.write(`${told.reason}\n`);
  }
}

/** All pairs, ready to speak. */
export class Pairs {
  readonly #pairs: number;
  readonly #from: Side;
  readonly #to: Side;

  private constructor(pairs: number, module: string) {
    this.#pairs = pairs;
    [this.#from, this.#to] = [new Side(module), new Side(module)];
  }

  static async join({ pairs, server }: Load): Promise<Pairs> {
    const { path } = await bundleModule(join(import.meta.dirname, 'voices.ts'), 'latency-voices');
    const all = new Pairs(pairs, path);
    try {
      await all.#join(server);
      return all;
    } catch (error) {
      await all.end();
      throw error;
    }
  }

  async #join(server: Load['server']): Promise<void> {
    const places = Array.from({ length: this.#pairs }, (_, pair) => pair);
    if ('relayPort' in server) {
      const port = server.relayPort;
      await Promise.all([
        this.#from.ask({ type: 'relay', port, places: places.map((pair) => 2 * pair) }),
        this.#to.ask({ type: 'relay', port, places: places.map((pair) => 2 * pair + 1) }),
      ]);
      return;
    }
    const { url, bazaar, garden } = server;
    const names = (name: string): string[] => places.map((pair) => `${name}_${pair}`);
    const [, { addresses = [] }] = await Promise.all([
      this.#from.ask({ type: 'claim', server: { url }, site: bazaar, names: names('anna') }),
      this.#to.ask({ type: 'claim', server: { url }, site: garden, names: names('boris') }),
    ]);
    await this.#from.ask({ type: 'open', addresses });
    // The first message of each is the way into the group.
    await this.talk({ pairs: this.#pairs, times: 2, pauseMs: 0 });
  }

  /** So many pairs, each with one message under way: the next is said when the last was heard, and a pause later. */
  async talk(options: { pairs: number; times: number; pauseMs: number }): Promise<Talked> {
    const { pairs, times, pauseMs } = options;
    await this.#shares();
    const latencies: number[] = [];
    const left = Array.from({ length: pairs }, () => times);
    await this.#heard(pairs * times, (pair, ms) => {
      if (pair !== null) {
        latencies.push(ms);
        left[pair] = (left[pair] ?? 1) - 1;
        if (left[pair] > 0) setTimeout(() => this.#from.say(pair), pauseMs);
        return;
      }
      for (let one = 0; one < pairs; one += 1) this.#from.say(one);
    });
    return { ...percentiles(latencies), ...(await this.#shares()) };
  }

  /** So many a second for so long, in turn from all pairs. The time runs from when each was due: that the clients do not
   * get to it is part of what it takes. */
  async offer({ perSecond, ms }: { perSecond: number; ms: number }): Promise<Offered> {
    const before = await this.#cpuMs();
    const total = Math.round((ms * perSecond) / 1_000);
    const latencies: number[] = [];
    const start = clockMs();
    let over = start;
    const send = async (): Promise<void> => {
      for (let sent = 0; sent < total;) {
        for (; sent < total && start + (sent * 1_000) / perSecond <= clockMs(); sent += 1)
          this.#from.say((sent * 7) % this.#pairs, start + (sent * 1_000) / perSecond);
        await wait(1);
      }
    };
    await this.#heard(total, (pair, took) => {
      if (pair === null) void send();
      else {
        latencies.push(took);
        over = clockMs();
      }
    });
    const cpuMs = ((await this.#cpuMs()) - before) / total;
    return { ...percentiles(latencies), perSecond: (total * 1_000) / (over - start), cpuMs };
  }

  async end(): Promise<void> {
    await Promise.all([this.#from.end(), this.#to.end()]);
  }

  /** Begins with `null`, and resolves when so many were heard. @throws Error when they are not, in good time */
  async #heard(count: number, take: (pair: number | null, ms: number) => void): Promise<void> {
    let missing = count;
    await new Promise<void>((resolve, reject) => {
      const impatience = setTimeout(() => {
        reject(new Error(`${missing} of ${count} messages were not heard`));
      }, settleMsMax);
      this.#to.onSeen = (pair, ms) => {
        take(pair, ms);
        missing -= 1;
        if (missing > 0) return;
        clearTimeout(impatience);
        resolve();
      };
      take(null, 0);
    });
  }

  /** Of each message since they were asked last. */
  async #shares(): Promise<Pick<Talked, 'sealing' | 'opening'>> {
    const [sealing = NaN, opening = NaN] = await Promise.all(
      [this.#from, this.#to].map(async (side) => {
        const { sharesMs = [] } = await side.ask({ type: 'shares' });
        return percentiles(sharesMs).p50;
      }),
    );
    return { sealing, opening };
  }

  async #cpuMs(): Promise<number> {
    const answers = await Promise.all(
      [this.#from, this.#to].map((side) => side.ask({ type: 'cpu' })),
    );
    return answers.reduce((sum, { cpuMs = 0 }) => sum + cpuMs, 0);
  }
}
