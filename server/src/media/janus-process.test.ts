import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../logging.js';
import { JanusProcess, findJanus } from './janus-process.js';
import { createManagedMedia } from './managed-media.js';

const program = findJanus('janus');

/** Command lines of processes that mention this folder. */
const processesOf = (folder: string) =>
  execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder));

/** A file's text; that of another test may be gone by now. */
function contentsOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function until(condition: () => boolean, ms = 30_000): Promise<void> {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('the program', () => {
  it('is found by path, and not where it is not', () => {
    expect(findJanus('/bin/sh')).toBe('/bin/sh');
    expect(findJanus('/nowhere/janus')).toBeNull();
    expect(findJanus('no-such-program-as-this')).toBeNull();
  });

  it('that is missing costs one clear line and the calls, nothing else', async () => {
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line: string) => lines.push(line) });
    const media = await createManagedMedia(
      { janusUrls: [], janusProgram: 'no-such-program-as-this' },
      logger,
    );
    expect(media.available).toBe(false);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/apt-get install janus.*JANUS_URLS/);
    await media.close();
  });
});

describe.skipIf(program === null)('a child', () => {
  let folder: string;
  let script: string;

  // The server as its own process, so that it can be killed.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-janus-test-'));
    script = join(folder, 'server.mjs');
    const source = fileURLToPath(new URL('./janus-process.ts', import.meta.url));
    await build({
      stdin: {
        contents: `import { JanusProcess } from ${JSON.stringify(source)};
          const logger = { debug() {}, error() {} };
          const janus = await JanusProcess.start({ program: ${JSON.stringify(program)}, logger });
          process.on('SIGTERM', () => janus.stop().then(() => process.exit(0)));
          process.stdout.write(janus.url + '\\n');
          setInterval(() => {}, 1000);`,
        resolveDir: dirname(source),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
    });
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function run(signal: 'SIGKILL' | 'SIGTERM'): Promise<string> {
    const temporary = await mkdtemp(join(folder, 'tmp-'));
    const server = spawn(process.execPath, [script], {
      env: { ...process.env, TMPDIR: temporary },
    });
    await new Promise((resolve) => server.stdout.once('data', resolve));
    await until(() => processesOf(temporary).some((line) => line.startsWith(program ?? '')));
    server.kill(signal);
    await until(() => processesOf(temporary).length === 0);
    return temporary;
  }

  it('goes with a server that is killed, and so does its folder', async () => {
    const temporary = await run('SIGKILL');
    await until(() => readdirSync(temporary).length === 0);
  });

  it('goes with a server that stops, and so does its folder', async () => {
    const temporary = await run('SIGTERM');
    // The server removes it once its child is gone, a moment after that one is seen no more.
    await until(() => readdirSync(temporary).length === 0);
  });

  it('keeps its secret to this user', async () => {
    const janus = await JanusProcess.start({
      program: program ?? '',
      logger: createLogger('silent'),
    });
    let lines: string[] = [];
    let own: string | undefined;
    // The shell around it starts first.
    await until(() => {
      lines = processesOf('parley-janus-').filter((line) => line.startsWith(program ?? ''));
      // Other tests run theirs at the same time: ours is the one with our secret in its configuration.
      own = lines
        .map((line) => join(/-F (\S+)/.exec(line)?.[1] ?? '', 'janus.jcfg'))
        .find((path) => contentsOf(path).includes(janus.apiSecret));
      return own !== undefined;
    });
    await janus.stop();
    expect(lines.join('\n')).not.toContain(janus.apiSecret);
    expect(existsSync(own ?? '')).toBe(false);
  });

  it('has a folder that only its user may enter', async () => {
    const before = readdirSync(tmpdir());
    const janus = await JanusProcess.start({
      program: program ?? '',
      logger: createLogger('silent'),
    });
    const folders = readdirSync(tmpdir()).filter(
      (name) => name.startsWith('parley-janus-') && !before.includes(name),
    );
    for (const name of folders) {
      // That of another test may be gone by now.
      const found = statSync(join(tmpdir(), name), { throwIfNoEntry: false });
      if (found !== undefined) expect(found.mode & 0o077).toBe(0);
    }
    await janus.stop();
  });
});
