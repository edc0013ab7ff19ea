import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../src/conversations/ports.js';
import { createDatabase } from '../src/database/connection.js';
import type { ConversationId } from '../src/ids.js';
import { from, message, World } from './conversation-world.js';
import { describeOnDatabases, type DatabasePlace } from './databases.js';

/** Inside the repository, so that the bundle finds its packages. */
const folder = fileURLToPath(new URL(`../dist/crash-${process.pid}/`, import.meta.url));
const program = `${folder}crash-writer.mjs`;

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL('crash-writer.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the writer until it has told of so many messages, then kills it without a warning.
 * @returns every line that it said. */
async function writeUntilKilled(place: DatabasePlace, messages: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, JSON.stringify(place)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > messages + 1) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return output.split('\n').slice(0, -1);
}

await describeOnDatabases('a process killed while it writes', (fixture) => {
  test.each([50, 1_000, 3_000])(
    'lost none of the %i messages it told of',
    async (messages) => {
      const place = await fixture.place();
      const [first = '', ...told] = await writeUntilKilled(place, messages);
      const { alice, conversationId } = JSON.parse(first) as {
        alice: Caller;
        conversationId: ConversationId;
      };
      expect(told.length).toBeGreaterThanOrEqual(messages);

      const world = new World(await createDatabase(place));
      // It goes on where it stopped; what PostgreSQL had under way for the dead one may still come behind.
      const next = message(conversationId);
      const { seq } = await world.conversations.send(alice, next);
      const stored = new Map<number, string>();
      for (let after = 0, head = 1; after < head;) {
        const page = await world.conversations.pull(alice, from(conversationId, after));
        for (const { seq, id } of page.entries) stored.set(seq, id);
        // Gapless: each page begins right after the one before and none ends early.
        expect(page.entries[0]?.seq).toBe(after + 1);
        expect(page.entries.at(-1)?.seq).toBe(after + page.entries.length);
        after += page.entries.length;
        head = page.head;
      }
      for (const line of told) {
        const [seq = '', id] = line.split(' ');
        expect(stored.get(Number(seq))).toBe(id);
      }
      expect(stored.get(seq)).toBe(next.id);
      expect(seq).toBeGreaterThan(told.length);
      await world.close();
    },
    60_000,
  );
});
