/** The server as a child of `npm start`: its log in a file, its last words on the terminal. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError } from '../setup/failure.js';
import { root } from '../setup/folders.js';

const entry = join(root, 'server/dist/main.js');

/** Server and page waits: SQLite opens in milliseconds, a Janus child takes a second or two. */
const readyWithinMs = 60_000;

/** One level at a time: where there are no folders to be had (`/proc`), Node's own recursion never ends. */
function makeFolder(folder) {
  const make = () => mkdirSync(folder, { mode: 0o700 });
  try {
    make();
  } catch (error) {
    if (error.code === 'EEXIST') return;
    if (error.code !== 'ENOENT' || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    make();
  }
}

export class ServerChild {
  #child;
  #exit;
  #log;

  /** @param dataFolder where its log goes, `server.log`. */
  constructor(env, dataFolder) {
    try {
      makeFolder(dataFolder);
      this.#log = createWriteStream(join(dataFolder, 'server.log'), { flags: 'a' });
    } catch (error) {
      throw new SetupError(`${dataFolder} cannot be written: ${error.code ?? error.message}.`);
    }
    // A group of its own: Ctrl-C reaches it once, through us, and not a second time from the terminal.
    this.#child = spawn(process.execPath, [entry], {
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout.pipe(this.#log);
    // A full disk ends the log and not the server: what it goes on saying is taken, and dropped.
    this.#log.on('error', () => this.#child.stdout.resume());
    this.#exit = new Promise((resolve) => this.#child.once('exit', (code) => resolve(code ?? 1)));
  }

  /** Resolves with the exit code, whenever that is. */
  get exit() {
    return this.#exit;
  }

  /** Waits until it answers. @throws SetupError when it ends first; it has said why. */
  async ready(url) {
    const end = Date.now() + readyWithinMs;
    let gone = false;
    void this.#exit.then(() => (gone = true));
    while (Date.now() < end) {
      if (gone) throw new SetupError('The server did not start.');
      const answer = await fetch(`${url}/healthz`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new SetupError(`The server did not answer at ${url} within a minute.`);
  }

  /** Asks it to end (it finishes its writes) and waits; after half a minute it is made to. */
  async stop() {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 30_000);
    const code = await this.#exit;
    clearTimeout(late);
    return code;
  }
}
