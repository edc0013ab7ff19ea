/** The server as a process: it starts, says in one line why it cannot, and stops when told. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const main = join(root, 'server/dist/main.js');
const command = join(root, 'server/dist/sites/command.js');
const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  await run(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-b',
    join(root, 'server'),
  ]);
  folder = await mkdtemp(join(tmpdir(), 'parley-process-'));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

function environment(changes: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH, PARLEY_DATA: folder, PARLEY_PORT: '0', JANUS_PROGRAM: 'off', ...changes };
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

async function end(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const start = (changes: Record<string, string> = {}): ChildProcess =>
  spawn(process.execPath, [main], { env: environment(changes) });

/** The port, once it listens. */
function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /"port":(\d+),"msg":"listening"/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.once('close', () => {
      reject(new Error(`it ended: ${text}`));
    });
  });
}

describe('the server', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('serves until %s, then ends with 0', async (signal) => {
    const child = start();
    const port = await listening(child);
    expect((await fetch(`http://127.0.0.1:${String(port)}/healthz`)).status).toBe(200);
    const ended = once(child, 'close');
    child.kill(signal);
    expect((await ended)[0]).toBe(0);
  });

  test('says in one line that the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = String((other.address() as AddressInfo).port);
    const { code, stderr } = await end(start({ PARLEY_PORT: port }));
    other.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `parley: port ${port} is in use; stop what uses it or set PARLEY_PORT to another\n`,
    );
  });

  test('says in one line that its folder cannot be written', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const { code, stderr } = await end(start({ PARLEY_DATA: join(file, 'data') }));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^parley: [^\n]*data[^\n]*\n$/);
  });

  test.runIf(process.platform === 'linux')(
    'says in one line that a file system has no folders to give, instead of trying for ever',
    async () => {
      const { code, stderr } = await end(start({ PARLEY_DATA: '/proc/parley/data' }));
      expect(code).toBe(1);
      expect(stderr).toMatch(/^parley: cannot write to the data folder \/proc[^\n]*\n$/);
    },
  );

  test.each([
    ['PARLEY_PORT', 'eighty'],
    ['PARLEY_LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://somewhere'],
  ])('says in one line that %s is wrong', async (name, value) => {
    const { code, stderr } = await end(start({ [name]: value }));
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^parley: ${name} cannot be used: [^\\n]+\\n$`));
  });

  test('says in one line that the database does not answer, without its password', async () => {
    const { code, stderr } = await end(
      start({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/parley' }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^parley: [^\n]+\n$/);
    expect(stderr).not.toContain('hunter2');
  });
});

describe('the command for sites', () => {
  const create = (...args: string[]): Promise<Ended> =>
    end(spawn(process.execPath, [command, 'create', ...args], { env: environment({}) }));

  test('prints the snippet; the same domain again keeps its key', async () => {
    const args = [
      '--domain',
      'shop.example',
      '--origin',
      'https://shop.example',
      '--reach',
      'network',
    ];
    const first = await create(...args);
    expect(first.stderr).toBe('');
    expect(first.code).toBe(0);
    const snippet = /<parley-chat site="(pk_[A-Za-z0-9_-]{22})"><\/parley-chat>/;
    const key = snippet.exec(first.stdout)?.[1];
    expect(key).toBeDefined();
    expect(first.stdout).toContain(
      '<script type="module" src="http://localhost:0/parley.js"></script>',
    );
    const second = await create(...args, '--insecure');
    expect(snippet.exec(second.stdout)?.[1]).toBe(key);
  });

  test('works beside a running server, which then knows the site', async () => {
    const child = start();
    const port = await listening(child);
    const { stdout } = await create('--domain', 'new.example', '--origin', 'https://new.example');
    const key = /pk_[A-Za-z0-9_-]{22}/.exec(stdout)?.[0] ?? '';
    const response = await fetch(`http://127.0.0.1:${String(port)}/trpc/sites.info?site=${key}`, {
      headers: { origin: 'https://new.example' },
    });
    expect(response.status).toBe(200);
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    await ended;
  });

  test.each([
    ['no domain', ['--origin', 'https://shop.example'], '--domain is missing'],
    ['no origin', ['--domain', 'lonely.example'], 'at least one origin'],
    ['a domain that is none', ['--domain', 'a b', '--origin', 'https://a.example'], 'no domain'],
    ['an origin that is none', ['--domain', 'a.example', '--origin', 'a.example'], 'no origin'],
    [
      'another reach',
      ['--domain', 'a.example', '--origin', 'https://a.example', '--reach', 'all'],
      '--reach',
    ],
    ['a word too many', ['now', '--domain', 'a.example'], 'create'],
    ['an unknown option', ['--colour', 'red'], '--colour'],
  ])('refuses %s in plain words', async (_what, args, words) => {
    const { code, stderr } = await create(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^parley: /);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
  });
});
