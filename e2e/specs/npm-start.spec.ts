/** `npm start` as a newcomer types it: two pages that work, one clear line for what cannot be, everything stopped at the end. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../fixtures/child.js';
import { openBrowser } from '../fixtures/chromium.js';
import { repository, temporaryFolder } from '../fixtures/folder.js';
import { iceAddresses } from '../fixtures/network.js';
import { Person } from '../fixtures/person.js';
import { freePort } from '../../scripts/free-port.js';

const command = [process.execPath, join(repository, 'scripts/start.js')] as const;

describe('npm start', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = await temporaryFolder('start');
    env = {
      PARLEY_PORT: String(await freePort()),
      PARLEY_SHOP_PORT: String(await freePort()),
      PARLEY_BAZAAR_PORT: String(await freePort()),
      PARLEY_DATA: join(folder.path, 'data'),
      ...(iceAddresses === undefined ? {} : { JANUS_ICE_ADDRESSES: iceAddresses }),
    };
  });
  afterAll(() => folder.remove());

  async function start(): Promise<{ child: Child; pages: string[] }> {
    const child = new Child(command, { env, cwd: repository });
    await child.until((output) => output.includes('Ctrl-C'), 90);
    return { child, pages: child.output.match(/http:\/\/(shop|bazaar)\.localhost:\d+/g) ?? [] };
  }

  it('prints two pages; people on them write to each other; the second start finds everything again', async () => {
    const first = await start();
    expect(first.pages).toHaveLength(2);
    const [shop = '', bazaar = ''] = first.pages;
    const profile = (name: string) => join(folder.path, name);
    const browsers = [
      await openBrowser({ profile: profile('ada') }),
      await openBrowser({ profile: profile('ben') }),
    ] as const;
    const ada = await Person.visit(browsers[0], shop, 'ada');
    const ben = await Person.visit(browsers[1], bazaar, 'ben');
    await Promise.all([ada.claim('Ada'), ben.claim('Ben')]);
    await ada.writeTo(ben.address);
    await ada.send('hello from the shop');
    await ben.openConversation(/ada/i);
    await ben.sees('hello from the shop');
    expect(await first.child.stop('SIGINT')).toBe(0);

    await ben.send('written while the server was down');
    const second = await start();
    expect(second.pages).toEqual(first.pages);
    await ada.sees('written while the server was down', 60_000);
    ada.expectNoComplaints();
    ben.expectNoComplaints();
    for (const browser of browsers) await browser.close();
    expect(await second.child.stop('SIGTERM')).toBe(0);
  });

  it('leaves nothing running', async () => {
    for (const name of ['PARLEY_PORT', 'PARLEY_SHOP_PORT', 'PARLEY_BAZAAR_PORT'])
      await expect(fetch(`http://127.0.0.1:${env[name] ?? ''}/`)).rejects.toThrow();
  });

  /** What it says when it cannot start: its last line, and that it failed. */
  async function refusal(settings: Record<string, string>): Promise<string> {
    const child = new Child(command, { env: { ...env, ...settings }, cwd: repository });
    expect(await child.ended).not.toBe(0);
    expect(child.output).not.toMatch(/^\s+at /m);
    return child.output.trim().split('\n').at(-1) ?? '';
  }

  it('names a port that is taken, and the variable that changes it', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    for (const name of ['PARLEY_PORT', 'PARLEY_SHOP_PORT']) {
      const line = await refusal({ [name]: port });
      expect(line).toContain(port);
      expect(line).toContain(name);
    }
    taken.close();
  });

  it.each([
    ['PARLEY_PORT', 'eighty'],
    ['PARLEY_BAZAAR_PORT', '70000'],
    ['PARLEY_LOG_LEVEL', 'loud'],
    ['JANUS_URLS', 'http://not-a-socket'],
    ['DATABASE_URL', 'mysql://elsewhere'],
  ])('refuses %s=%s in one line that names it', async (name, value) => {
    expect(await refusal({ [name]: value })).toContain(name);
  });

  it('says so when its folder cannot be written', async () => {
    const file = join(folder.path, 'a-file');
    await writeFile(file, '');
    expect(await refusal({ PARLEY_DATA: join(file, 'data') })).toContain(file);
  });
});
