/** Chromium goes on in the log that a kill tore, and deletes every database of the site when it opens that log the next
 * time (leveldb issue 1287). Whoever's browser was killed in mid-write, and once more later, keeps everything. */
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { names, Story } from '../fixtures/story.js';
import { World } from '../fixtures/world.js';

/** Head of a record of 500 bytes, whose bytes were never written: checksum, length, "whole record". */
const tornRecord = Buffer.from([0x12, 0x34, 0x56, 0x78, 0xf4, 0x01, 0x01]);

/** The logs of every site's databases in this profile. */
async function logsIn(profile: string): Promise<string[]> {
  const folder = join(profile, 'Default', 'IndexedDB');
  const files = await readdir(folder, { recursive: true });
  return files.filter((name) => /leveldb.\d+\.log$/.test(name)).map((name) => join(folder, name));
}

describe('a browser that is killed in the middle of a write, and again later', () => {
  let world: World;
  let story: Story;

  beforeAll(async () => {
    world = await World.create();
    story = new Story(world, await world.twoPeople());
    await story.send('ada', 'before everything');
    await story.people.ben.openConversation(/ada/i);
    await story.people.ben.sees('before everything');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const kill = (): Promise<unknown> => Promise.all(names.map((name) => world.killBrowser(name)));
  const open = async (): Promise<void> => {
    for (const name of names) {
      await world.browser(name);
      await story.reopen(name, false);
    }
  };

  it('has all that it had, and goes on', async ({ skip }) => {
    await kill();
    const logs = (await Promise.all(names.map((name) => logsIn(world.profile(name))))).flat();
    if (logs.length === 0) skip('this Chromium keeps its databases in another way');
    for (const log of logs) await appendFile(log, tornRecord);
    for (const title of ['after the first', 'after the second', 'after the third']) {
      await open();
      await story.goesOn('ada', title);
      await kill();
    }
    await open();
    await story.check();
  });
});
