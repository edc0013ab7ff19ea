/** Browser profiles and a server's database that the first version wrote open in this one, and all goes on.
 *
 * `fixtures/earlier/first-version.json.gz` was written by that version (commit 445a574): two people on two sites wrote to
 * each other; Ben closed his browser; Ada wrote once more, the server was stopped, and Ada wrote what could not be sent. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../fixtures/chromium.js';
import { repository, temporaryFolder } from '../fixtures/folder.js';
import { HostPage } from '../fixtures/host-page.js';
import { Person } from '../fixtures/person.js';
import { Server } from '../fixtures/server.js';

const archive = join(repository, 'e2e/fixtures/earlier/first-version.json.gz');
/** The origins of that time; their ports are mapped to free ones. */
const origins = {
  server: 'http://localhost:4000',
  shop: 'http://shop.localhost:4001',
  bazaar: 'http://bazaar.localhost:4002',
};

interface Archive {
  keys: Record<'shop' | 'bazaar', string>;
  /** Base64, by path. */
  files: Record<string, string>;
}

describe('what the first version left', () => {
  const closing: (() => Promise<unknown>)[] = [];
  let ada: Person;
  let ben: Person;

  beforeAll(async () => {
    const folder = await temporaryFolder('upgrade');
    closing.push(() => folder.remove());
    const { keys, files } = JSON.parse(gunzipSync(await readFile(archive)).toString()) as Archive;
    for (const [name, bytes] of Object.entries(files)) {
      const path = join(folder.path, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, Buffer.from(bytes, 'base64'));
    }
    const server = await Server.start({ folder: join(folder.path, 'data'), publicPort: 4000 });
    closing.push(() => server.end());
    const rules = [`MAP localhost:4000 127.0.0.1:${String(server.port)}`];
    for (const site of ['shop', 'bazaar'] as const) {
      const page = await HostPage.start({ host: `${site}.localhost`, server: origins.server });
      page.siteKey = keys[site];
      closing.push(() => page.stop());
      rules.push(`MAP ${new URL(origins[site]).host} 127.0.0.1:${new URL(page.url).port}`);
    }
    const browser = async (name: string): Promise<BrowserContext> => {
      const profile = join(folder.path, 'profiles', name);
      const context = await openBrowser({ profile, hosts: rules.join(', ') });
      closing.push(() => context.close());
      return context;
    };
    ada = await Person.visit(await browser('ada'), `${origins.shop}/`, 'ada');
    ben = await Person.visit(await browser('ben'), `${origins.bazaar}/`, 'ben');
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close().catch(() => undefined);
  });

  it('opens: both are who they were, and what waited unread or unsent arrives', async () => {
    await ben.button(/unread/).waitFor();
    await Promise.all([ada.open(), ben.open()]);
    await Promise.all([ada.openConversation(/ben/i), ben.openConversation(/ada/i)]);
    await ben.sees('never sent by the old version');
    const said = (lines: { own: boolean; text: string }[], own: boolean): string[] =>
      lines.filter((line) => line.own === own).map(({ text }) => text);
    const [atAda, atBen] = [await ada.readAll(), await ben.readAll()];
    const adas = ['first from ada', 'ada 1', 'while ben is away', 'never sent by the old version'];
    expect(said(atAda, true)).toEqual(adas);
    expect(said(atBen, false)).toEqual(adas);
    expect(said(atAda, false)).toEqual(['first from ben', 'ben 1']);
    expect(said(atBen, true)).toEqual(['first from ben', 'ben 1']);
  });

  it('goes on', async () => {
    await ada.send('from this version');
    await ben.sees('from this version');
    await ben.send('to this version');
    await ada.sees('to this version');
    ada.expectNoComplaints();
    ben.expectNoComplaints();
  });
});
