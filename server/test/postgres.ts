/** A private PostgreSQL cluster for tests, in a temporary folder, with `fsync` on as in earnest. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { access, chown, constants, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Sequelize } from 'sequelize';
import { freePort } from '../../scripts/free-port.js';

const run = promisify(execFile);

/** A running cluster. */
export interface Postgres {
  /** URL of a database that nobody has used. */
  freshDatabaseUrl(): Promise<string>;
  /** Ends the server and keeps its folder and port. */
  halt(how: ShutdownMode): Promise<void>;
  /** Starts it again after `halt`. */
  resume(): Promise<void>;
  /** Ends the cluster and deletes it. */
  stop(): Promise<void>;
}

/** PostgreSQL's words: `fast` disconnects whoever is there, `immediate` is a crash, and the next start recovers. */
export type ShutdownMode = 'fast' | 'immediate';

/** Why there is none, in a sentence for whoever reads the test's output. */
export interface MissingPostgres {
  missing: string;
}

const startTimeoutMs = 30_000;

/** Starts a cluster on a free port, or says why it cannot. */
export async function startPostgres(): Promise<Postgres | MissingPostgres> {
  const binaries = await findBinaries();
  if (binaries === null) {
    return { missing: 'PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql)' };
  }
  const user = await findUser();
  if (user === null)
    return { missing: 'PostgreSQL does not run as root, and there is no user postgres' };
  const folder = await mkdtemp(join(tmpdir(), 'parley-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  await run(
    join(binaries, 'initdb'),
    ['-D', folder, '-U', 'parley', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { ...user, cwd: folder },
  );
  const port = await freePort();
  const launch = (): ChildProcess =>
    spawn(
      join(binaries, 'postgres'),
      [
        '-D',
        folder,
        '-k',
        folder,
        '-p',
        String(port),
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'fsync=on',
      ],
      { ...user, cwd: folder, stdio: 'ignore' },
    );
  let server = launch();
  const kill = (): void => {
    server.kill('SIGKILL');
  };
  process.once('exit', kill);
  const admin = new Sequelize(`postgres://parley@127.0.0.1:${String(port)}/postgres`, {
    logging: false,
  });
  await waitUntilReady(admin, server);
  const end = async (how: ShutdownMode): Promise<void> => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  };
  let databases = 0;
  return {
    async freshDatabaseUrl() {
      databases += 1;
      const name = `parley_${String(databases)}`;
      await admin.query(`CREATE DATABASE ${name}`);
      return `postgres://parley@127.0.0.1:${String(port)}/${name}`;
    },
    halt: end,
    async resume() {
      server = launch();
      await waitUntilReady(admin, server);
    },
    async stop() {
      await admin.close();
      await end('fast');
      process.off('exit', kill);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The newest installed version; Debian keeps the programs outside of PATH. */
async function findBinaries(): Promise<string | null> {
  const versions = await readdir('/usr/lib/postgresql').catch((): string[] => []);
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions
      .sort((left, right) => Number(right) - Number(left))
      .map((version) => `/usr/lib/postgresql/${version}/bin`),
  ];
  for (const folder of folders) {
    const complete = await Promise.all(
      ['initdb', 'postgres'].map((name) => access(join(folder, name), constants.X_OK)),
    ).catch(() => null);
    if (complete) return folder;
  }
  return null;
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
async function findUser(): Promise<{ uid?: number; gid?: number } | null> {
  if (process.getuid?.() !== 0) return {};
  try {
    const uid = await run('id', ['-u', 'postgres']);
    const gid = await run('id', ['-g', 'postgres']);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

async function waitUntilReady(admin: Sequelize, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      await admin.authenticate();
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) {
        throw new Error('PostgreSQL did not start', { cause: error });
      }
      await wait(50);
    }
  }
}
