/** Browsers whose storage is full, deleted, held by another version or refused, and pages that give less than others: a
 * plain sentence says what is so, nothing is spoilt, and it goes on by itself once it can. */
import { join } from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strictPolicy, type HostPage } from '../fixtures/host-page.js';
import { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';

describe('trouble with what the browser keeps', () => {
  let world: World;
  let ada: Person;
  let ben: Person;
  let database: string;
  let home: string;

  beforeAll(async () => {
    world = await World.create();
    ({ ada, ben } = await world.twoPeople());
    home = ben.page.url();
    database = `parley ${world.origin} ${(await ben.chat.getAttribute('site')) ?? ''}`;
    await ada.send('before everything');
    await ben.openConversation(/ada/i);
    await ben.sees('before everything');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  /** `PARLEY_PICTURES=folder`: what the person sees, for whoever judges it. */
  const picture = async (person: Person, name: string): Promise<void> => {
    const folder = process.env['PARLEY_PICTURES'];
    if (folder !== undefined) await person.page.screenshot({ path: join(folder, `${name}.png`) });
  };
  const shows = async (person: Person, sentence: RegExp, name: string): Promise<void> => {
    await person.chat.getByText(sentence).first().waitFor();
    await picture(person, name);
  };
  /** A page of the same origin, without a chat. */
  const beside = async (person: Person): Promise<Page> => {
    const page = await person.page.context().newPage();
    await page.goto(new URL('/empty', person.page.url()).href);
    return page;
  };

  it('full: it says so, and goes on by itself when there is room', async () => {
    const site = await world.site('full.localhost');
    const page = await world.context('ada').newPage();
    const { origin } = new URL(site.url);
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    const cyd = await Person.visit(world.context('ada'), site.url, 'cyd');
    await cyd.open();
    await shows(cyd, /no space left/, 'full');
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    await cyd.chat.getByLabel('Handle', { exact: true }).waitFor();
    await cyd.page.close();
    await page.close();
  });

  it('full in the middle of a conversation: nothing is sent or shown that cannot be kept, and all of it once there is room', async () => {
    const { origin } = new URL(home);
    const session = await ben.page.context().newCDPSession(ben.page);
    const { usage } = await session.send('Storage.getUsageAndQuota', { origin });
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 2 ** 17 });
    await ben.page.reload();
    await ben.openConversation(/ada/i);
    const noSpace = ben.chat.getByText(/no space left/);
    const shown = async (person: Person): Promise<string[]> =>
      (await person.lines()).map(({ text }) => text);
    const kept = ['before everything'];
    let refused = '';
    // The browser looks at its quota now and then.
    for (let count = 1; refused === ''; count += 1) {
      const text = `${String(count)} ${'x'.repeat(7_900)}`;
      await ben.send(text);
      await expect
        .poll(async () => (await noSpace.count()) > 0 || (await shown(ben)).includes(text), {
          timeout: 30_000,
        })
        .toBe(true);
      if ((await shown(ben)).includes(text)) kept.push(text);
      else refused = text;
    }
    await picture(ben, 'full-in-conversation');
    const meanwhile = ['while it was full', 'and still was'];
    for (const text of meanwhile) await ada.send(text);
    for (const text of meanwhile) await ada.sees(text);
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    for (const text of meanwhile) await ben.sees(text, 60_000);
    // What was refused is in the field of who wrote it, and nowhere else.
    expect(await ben.field.inputValue()).toBe(refused);
    await ben.field.press('Enter');
    await ada.sees(refused);
    await expect.poll(() => noSpace.count()).toBe(0);
    for (const person of [ada, ben])
      expect((await person.readAll()).map(({ text }) => text)).toEqual([
        ...kept,
        ...meanwhile,
        refused,
      ]);
  });

  it('the panel that was open is open again after a reload', async () => {
    // Looking into a page counts as a click of its visitor: not before the chat is there.
    let announce: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (announce = resolve));
    await ben.page.exposeFunction('onParleyReady', announce);
    await ben.page.addInitScript(() => {
      addEventListener('parley-ready', () => {
        (globalThis as unknown as { onParleyReady: () => void }).onParleyReady();
      });
    });
    await ben.page.reload();
    await ready;
    await ben.chat.getByRole('heading', { name: 'Messages' }).waitFor();
    expect(await ben.page.evaluate(() => document.activeElement?.localName)).toBe('body');
    await ben.close();
    await ben.page.reload();
    await ben
      .button(/Open chat|Chat/)
      .first()
      .waitFor();
  });

  it('held by an older version in another tab: it says so, and goes on when that tab is gone', async () => {
    await ben.page.goto('about:blank');
    const older = await world.context('ben').newPage();
    const site = await world.site('older.localhost');
    const name = `parley ${world.origin} ${site.siteKey}`;
    await older.goto(new URL('/empty', site.url).href);
    await older.evaluate(
      (of) =>
        new Promise((resolve) => {
          indexedDB.open(of, 1).addEventListener('success', () => {
            resolve(null);
          });
        }),
      name,
    );
    const cyd = await Person.visit(world.context('ben'), site.url, 'cyd');
    await cyd.open();
    await shows(cyd, /still runs an older version/, 'blocked');
    await older.close();
    await cyd.chat.getByLabel('Handle', { exact: true }).waitFor();
    await cyd.page.close();
  });

  it('changed by a newer version: it says so', async () => {
    const site = await world.site('newer.localhost');
    const newer = await world.context('ben').newPage();
    await newer.goto(new URL('/empty', site.url).href);
    await newer.evaluate(
      (of) =>
        new Promise((resolve) => {
          indexedDB.open(of, 1_000).addEventListener('success', () => {
            resolve(null);
          });
        }),
      `parley ${world.origin} ${site.siteKey}`,
    );
    await newer.close();
    const cyd = await Person.visit(world.context('ben'), site.url, 'cyd');
    await cyd.open();
    await shows(cyd, /older version of this chat than/, 'outdated');
    await cyd.page.close();
  });

  it.each([
    ['all of it', '**/modules/**'],
    ['a part of it', '**/modules/avatar-*'],
  ])('code that did not come at first, %s, is loaded at the next click', async (_what, path) => {
    const site = await world.site('flaky.localhost');
    const context = world.context('ada');
    await context.route(path, (route) => route.abort());
    const cyd = await Person.visit(context, site.url, 'cyd');
    await cyd.open();
    await shows(cyd, /did not load/, 'not-loaded');
    await cyd.button('Try again').click();
    await shows(cyd, /did not load/, 'not-loaded');
    await context.unroute(path);
    await cyd.button('Try again').click();
    await cyd.chat.getByLabel('Handle', { exact: true }).waitFor();
    await cyd.page.close();
  });

  it('a page that refuses workers chats without them', async () => {
    const site: HostPage = await world.site('workless.localhost');
    const policy = strictPolicy(world.origin).replace(/worker-src [^;]*/, "worker-src 'none'");
    const content = `<script type="module" src="${world.origin}/parley.js"></script>
      <parley-chat site="${site.siteKey}"></parley-chat>`;
    const cyd = await Person.visit(
      world.context('ada'),
      site.add('/workless', { content: `<!doctype html><body>${content}`, policy }),
      'cyd',
    );
    await cyd.claim();
    expect(cyd.page.workers()).toEqual([]);
    await cyd.writeTo(ada.address);
    await cyd.send('without a worker');
    await ada.page.bringToFront();
    await ada.button('Back').first().click();
    await ada.openConversation(/cyd/i);
    await ada.sees('without a worker');
    await ada.send('with one');
    await cyd.sees('with one');
    await cyd.page.close();
  });

  it.each(['by the page', 'by the browser'] as const)(
    'deleted %s while it is open: it says so, and one can begin anew',
    async (by) => {
      await ben.page.goto(home);
      await ben.open();
      if (by === 'by the page') {
        await ben.chat.getByRole('heading', { name: 'Messages' }).waitFor();
        const page = await beside(ben);
        await page.evaluate((name) => void indexedDB.deleteDatabase(name), database);
        await page.close();
      } else {
        const session = await ben.page.context().newCDPSession(ben.page);
        const { origin } = new URL(home);
        await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
      }
      await shows(ben, /has deleted your key and messages/, `deleted ${by}`);
      ben = new Person(ben.page, ben.address.replace(/^@\w+/, `@ben${String(by.length)}`));
      await ben.chat.getByLabel('Handle', { exact: true }).fill(ben.handle);
      await ben.chat.getByText(`@${ben.handle} is free`).waitFor();
      await ben.button('Start chatting').click();
      await ben.chat.getByRole('heading', { name: 'Messages' }).waitFor();
      await ben.writeTo(ada.address);
      await ben.send(`anew ${ben.handle}`);
      await ada.page.bringToFront();
      await ada.button('Back').first().click();
      await ada.openConversation(`anew ${ben.handle}`);
      await ada.send(`welcome ${ben.handle}`);
      await ben.sees(`welcome ${ben.handle}`);
    },
  );

  it('deleted between two visits: it says so', async () => {
    await ben.page.goto(new URL('/empty', home).href);
    await ben.page.evaluate(
      (name) =>
        new Promise((resolve) => {
          indexedDB.deleteDatabase(name).addEventListener('success', () => {
            resolve(null);
          });
        }),
      database,
    );
    await ben.page.goto(home);
    await ben.open();
    await shows(ben, /has deleted your key and messages/, 'deleted-between');
  });

  it('refused by the browser’s settings: it says so, and works once they allow it', async () => {
    const site = await world.site('private.localhost');
    const settings = join(world.profile('cyd'), 'Default');
    await mkdir(settings, { recursive: true });
    const allow = async (cookies: 1 | 2): Promise<void> => {
      const preferences = { profile: { default_content_setting_values: { cookies } } };
      await writeFile(join(settings, 'Preferences'), JSON.stringify(preferences));
    };
    await allow(2);
    let cyd = await Person.visit(await world.browser('cyd'), site.url, 'cyd');
    await cyd.open();
    await shows(cyd, /keeps nothing for this page/, 'refused');
    await world.closeBrowser('cyd');
    await allow(1);
    cyd = await Person.visit(await world.browser('cyd'), site.url, 'cyd');
    await cyd.claim();
  });
});
