/** A real server in a process of its own, with two sites and a folder that outlives restarts. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import sqlite from 'sqlite3';
import { freePort } from '../../../../scripts/free-port.js';

const main = fileURLToPath(new URL('../../../../server/dist/main.js', import.meta.url));
const command = fileURLToPath(new URL('../../../../server/dist/sites/command.js', import.meta.url));

/** Runs in the server's process before it. */
const movableClock = `data:text/javascript,${encodeURIComponent(`
  const { Date: RealDate, setInterval: realSetInterval } = globalThis;
  const regular = [];
  let aheadMs = 0;
  globalThis.Date = class Date extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [RealDate.now() + aheadMs] : given));
    }
    static now() {
      return RealDate.now() + aheadMs;
    }
  };
  globalThis.setInterval = (run, everyMs, ...given) => {
    regular.push({ run, everyMs });
    return realSetInterval(run, everyMs, ...given);
  };
  process.on('message', (ms) => {
    aheadMs += ms;
    for (const { run, everyMs } of regular) if (everyMs >= 60_000 && everyMs <= ms) run();
    process.send('moved');
  });
  process.channel?.unref();
`)}`;

export interface TestSite {
  key: string;
  domain: string;
  origin: string;
}

export interface ServerProcess {
  readonly url: string;
  readonly bazaar: TestSite;
  readonly garden: TestSite;
  /** Stops it in order, or at once as a crash would. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
  /** Moves its clock on, though nobody waits: timers that are due in that time run once, as after a long sleep. */
  advance(ms: number): Promise<void>;
  /** Lets every freed handle rest no longer, as if a month had passed. */
  endHandleRests(): Promise<void>;
  /** Stops it and deletes its folder. */
  dispose(): Promise<void>;
}

/** Starts a server on a free port. @param environment more variables. */
export async function startServer(
  environment: Record<string, string> = {},
): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-core-'));
  const env = {
    PATH: process.env['PATH'] ?? '',
    PARLEY_DATA: folder,
    PARLEY_LOG_LEVEL: 'warn',
    PARLEY_RATE_LIMITS: 'off',
    JANUS_PROGRAM: 'off',
    ...environment,
  };
  const bazaar = {
    key: `pk_${'b'.repeat(22)}`,
    domain: 'bazaar.localhost',
    origin: 'http://bazaar.localhost:5001',
  };
  const garden = {
    key: `pk_${'g'.repeat(22)}`,
    domain: 'garden.localhost',
    origin: 'http://garden.localhost:5002',
  };
  for (const { key, domain, origin } of [bazaar, garden]) {
    const site = [
      'create',
      '--domain',
      domain,
      '--origin',
      origin,
      '--reach',
      'network',
      '--key',
      key,
    ];
    await promisify(execFile)(process.execPath, [command, ...site], { env });
  }
  // Not before the sites are there: until it is listened on, others may be given it.
  const port = await freePort();
  const environmentOfServer = {
    ...env,
    PARLEY_PORT: String(port),
    NODE_OPTIONS: `--import=${movableClock}`,
  };
  const url = `http://127.0.0.1:${String(port)}`;
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const output: string[] = [];
    const started = spawn(process.execPath, [main], {
      env: environmentOfServer,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [started.stdout, started.stderr])
      stream?.on('data', (data) => output.push(String(data)));
    child = started;
    await untilHealthy(url, started, output);
  };
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await exited;
  };
  await start();
  return {
    url,
    bazaar,
    garden,
    stop,
    start,
    async advance(ms) {
      const running = child;
      if (running === undefined) throw new Error('not running');
      const moved = once(running, 'message');
      running.send(ms);
      await moved;
    },
    async endHandleRests() {
      const database = new sqlite.Database(join(folder, 'parley.sqlite'));
      database.configure('busyTimeout', 5_000);
      await new Promise<void>((resolve, reject) => {
        database.exec('UPDATE handles SET freed_at = 1 WHERE freed_at IS NOT NULL', (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
      await new Promise<void>((resolve) => {
        database.close(() => {
          resolve();
        });
      });
    },
    async dispose() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilHealthy(
  url: string,
  child: ChildProcess,
  output: readonly string[],
): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${output.join('')}`);
    const healthy = await fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (healthy) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server does not answer: ${output.join('')}`);
}
