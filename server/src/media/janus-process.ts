/** Janus as a child of the server: found, configured, started, started again when it dies, and never left behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logging.js';
import { janusConfiguration, type JanusSettings } from './janus-config.js';

const restartMs = { first: 250, max: 15_000 };
/** A child that lived so long had started well: its next death waits the first delay again. */
const steadyMs = 30_000;
const usualStartMs = 20_000;
const usualFolders = ['/opt/janus/bin', '/usr/local/bin', '/opt/homebrew/bin'];

// The shell lives as long as Janus and holds a pipe from the server. Whichever way the server goes, SIGKILL
// included, the pipe ends and the shell takes Janus with it: first politely, then by force. Portable, where
// a parent-death signal is Linux's alone. Janus runs in a session of its own, so Ctrl-C reaches it through us.
// Its folder holds the secret: with the server gone, the shell is who removes it.
const keeper = `
folder=$1
shift
exec 3<&0
"$@" 3<&- </dev/null &
janus=$!
{ while read -r _ <&3; do :; done; : >"$folder/over"; kill -TERM $janus; sleep 3; kill -KILL $janus; } 2>/dev/null &
watch=$!
# What the shell itself may say of its child's end would break it on a pipe that nobody reads.
exec 3<&- >/dev/null 2>&1
wait $janus
code=$?
kill $watch 2>/dev/null
if [ -e "$folder/over" ]; then cd / && rm -rf -- "$folder"; fi
exit $code
`;

/** The program by name or path: as the shell finds it, else in the usual folders; `null` for none. */
export function findJanus(program: string): string | null {
  const found = spawnSync('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', program], {
    encoding: 'utf8',
  });
  if (found.status === 0 && found.stdout.trim() !== '') return found.stdout.trim();
  if (program.includes('/')) return null;
  return usualFolders.map((folder) => join(folder, program)).find(isExecutable) ?? null;
}

function isExecutable(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface JanusProcessOptions extends Omit<JanusSettings, 'apiSecret' | 'port'> {
  program: string;
  /** Shared by the servers of one pool; random when absent. */
  apiSecret?: string;
  /** A child younger than this may still be starting and is not taken for hung. */
  startMs?: number;
  logger: Logger;
}

/** Runs until stopped. `url` changes when the child is started anew. */
export class JanusProcess {
  readonly apiSecret: string;
  readonly #options: JanusProcessOptions;
  readonly #folder: string;
  readonly #stopping = new AbortController();
  #port: number;
  #child: ChildProcess | null = null;
  #startedAt = 0;
  #loop: Promise<void> = Promise.resolve();

  private constructor(options: JanusProcessOptions, folder: string, port: number) {
    this.#options = options;
    this.apiSecret = options.apiSecret ?? randomBytes(32).toString('base64url');
    this.#folder = folder;
    this.#port = port;
  }

  /** Starts the child; whether it serves is what a connection to `url` tells.
   * The configuration holds the secret: its folder is for this user alone and goes with the server. */
  static async start(options: JanusProcessOptions): Promise<JanusProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-janus-'));
    const janus = new JanusProcess(options, folder, await freePort());
    await janus.#configure();
    janus.#loop = janus.#run();
    return janus;
  }

  get url(): string {
    return `ws://127.0.0.1:${String(this.#port)}`;
  }

  /** The process id of the keeper, whose only child is Janus; for tests. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends a child that hangs; it is started again. */
  restart(): void {
    const { logger, startMs = usualStartMs } = this.#options;
    if (Date.now() - this.#startedAt < startMs) return;
    logger.error('Janus hangs and is started again');
    this.#child?.stdin?.end();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.stdin?.end();
    await this.#loop;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const { logger } = this.#options;
    let waitMs = restartMs.first;
    while (!this.#isStopping()) {
      const began = Date.now();
      const ended = await this.#once();
      if (this.#isStopping()) return;
      if (Date.now() - began > steadyMs) waitMs = restartMs.first;
      logger.error({ ended, waitMs }, 'Janus ended by itself and is started again');
      await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, restartMs.max);
      // Another program may have taken the port meanwhile.
      this.#port = await freePort();
      await this.#configure();
    }
  }

  /** One life of the child. Resolves with how it ended. */
  async #once(): Promise<string> {
    const { program, logger } = this.#options;
    this.#startedAt = Date.now();
    const child = spawn(
      '/bin/sh',
      ['-c', keeper, 'parley-janus', this.#folder, program, '-F', this.#folder, '-o'],
      {
        cwd: join(this.#folder, 'run'),
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    if (this.#isStopping()) child.stdin.end();
    // The pipe breaks when Janus ends first: that is what `exit` tells.
    child.stdin.on('error', () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.trim() !== '') logger.debug({ line: line.slice(0, 500) }, 'janus');
      });
    }
    return new Promise((resolve) => {
      child.once('error', (error) => {
        resolve(error.message);
      });
      child.once('exit', (code, signal) => {
        resolve(signal ?? `exit code ${String(code)}`);
      });
    });
  }

  async #configure(): Promise<void> {
    await mkdir(join(this.#folder, 'run'), { recursive: true, mode: 0o700 });
    const files = janusConfiguration({
      ...this.#options,
      apiSecret: this.apiSecret,
      port: this.#port,
    });
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(this.#folder, name), text, { mode: 0o600 });
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
