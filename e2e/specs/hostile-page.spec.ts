/** A page that stands in the way, by carelessness or on purpose: chat goes on, or a plain sentence says why not. */
import { request } from 'node:http';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rounds } from '../../scripts/rounds.js';
import { watchErrors } from '../fixtures/host-errors.js';
import * as hostility from '../fixtures/hostility.js';
import type { HostPage } from '../fixtures/host-page.js';
import { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';

const failed = /Chat did not load.*something on this page is in its way/;
const broken = [
  'Promise',
  'customElements, swallowed',
  'crypto',
  'customElements, thrown',
  'Array.prototype.map',
  'Map',
  'BroadcastChannel',
];
let count = 0;

describe('a hostile page', () => {
  let world: World;
  let browser: BrowserContext;
  let shop: HostPage;
  let ben: Person;
  let errors: string[] = [];

  beforeAll(async () => {
    world = await World.create();
    const couple = await world.twoPeople();
    ben = couple.ben;
    browser = world.context('ada');
    shop = world.pageOf('shop.localhost');
    await couple.ada.send('before');
    await ben.openConversation(/ada/i);
    await ben.sees('before');
    await couple.ada.page.close();
  });
  afterEach(async () => {
    for (const page of browser.pages()) await page.close();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  /** Ada opens a page of the site, whatever it does before our script comes. */
  async function visit(before?: (page: Page) => Promise<unknown>, url = shop.url): Promise<Person> {
    const page = await browser.newPage();
    errors = watchErrors(page, world.origin);
    await before?.(page);
    const person = new Person(page, '@ada@shop.localhost');
    await page.goto(url);
    return person;
  }

  async function opens(ada: Person): Promise<void> {
    await ada.open();
    await ada.openConversation(/ben/i);
  }

  /** One message each way. */
  async function goesOn(ada: Person): Promise<void> {
    count += 1;
    await ada.send(`out ${String(count)}`);
    await ben.sees(`out ${String(count)}`);
    await ben.send(`back ${String(count)}`);
    await ada.chat
      .getByText(`back ${String(count)}`)
      .first()
      .waitFor();
    expect(errors).toEqual([]);
  }

  it('that wraps, extends and polyfills everything before us: chat goes on', async () => {
    const ada = await visit((page) => page.addInitScript(hostility.wrapped));
    await opens(ada);
    await goesOn(ada);
  });

  it('that takes network, disk and JSON away before us: the engine has its own', async () => {
    const ada = await visit((page) => page.addInitScript(hostility.withoutNetwork));
    await opens(ada);
    await goesOn(ada);
  });

  it('that takes everything away once we run: chat goes on', async () => {
    const ada = await visit();
    await opens(ada);
    await ada.page.evaluate(hostility.afterwards);
    await goesOn(ada);
  });

  it.each(broken.slice(0, rounds({ short: 3, full: broken.length })))(
    'that breaks %s: the panel says that the page is in the way',
    async (name) => {
      const ada = await visit((page) => page.addInitScript(hostility.broken, name));
      // Asking the element needs a working page; looking and clicking does not.
      await ada.button('Open chat').first().click();
      await ada.chat.getByText(failed).waitFor();
      await ada.button('Try again').click();
      await ada.chat.getByText(failed).waitFor();
      expect(errors).toEqual([]);
    },
  );

  it('that resets every style, covers everything and twists every ancestor: chat goes on', async () => {
    const ada = await visit();
    await ada.page.evaluate(hostility.disfigured);
    // Real clicks at real places: what lies over us would take them.
    await opens(ada);
    await goesOn(ada);
    const panel = await ada.chat.locator('[part=panel]').first().boundingBox();
    expect(panel).toMatchObject({ width: 384, height: 640 });
    const name = ada.chat.locator('parley-conversation .details');
    expect(await name.evaluate((element) => getComputedStyle(element).fontSize)).toBe('15px');
  });

  it('that opens its own dialog over ours: ours waits, and goes on when it is closed', async () => {
    const ada = await visit();
    await opens(ada);
    await ada.page.evaluate(() => {
      const dialog = document.createElement('dialog');
      dialog.textContent = 'Subscribe to our letter';
      document.body.append(dialog);
      dialog.showModal();
    });
    await expect(ada.field.click({ timeout: 500, trial: true })).rejects.toThrow();
    await ada.page.keyboard.press('Escape');
    await goesOn(ada);
  });

  it('that floods every channel with a hundred thousand messages: chat goes on', async () => {
    const ada = await visit();
    await opens(ada);
    const place = `parley ${world.origin} ${shop.siteKey}`;
    await ada.page.evaluate(hostility.flood, [place, 100_000] as [string, number]);
    await goesOn(ada);
  });

  it('that writes the document anew: the element that comes back goes on', async () => {
    const ada = await visit();
    await opens(ada);
    for (const wipe of [
      () => {
        document.body.replaceChildren();
      },
      () => {
        document.open();
        document.close();
      },
    ]) {
      await ada.page.evaluate(wipe);
      await ada.page.evaluate((site) => {
        const element = document.createElement('parley-chat');
        element.setAttribute('site', site);
        document.documentElement.append(element);
      }, shop.siteKey);
      await opens(ada);
      await goesOn(ada);
    }
  });

  it('in quirks mode, under a base address of somebody else, in a frame: chat goes on', async () => {
    const inner = shop.add('/quirks', { content: quirks(world.origin, shop.siteKey) });
    const outer = shop.add('/frame', {
      content: `<iframe src="${inner}" width="600" height="600"></iframe>`,
    });
    const ada = await visit(undefined, outer);
    ada.frame = ada.page.frameLocator('iframe');
    await opens(ada);
    await goesOn(ada);
  });

  it('in a sandboxed frame: its visitor reads why not', async () => {
    const inner = shop.add('/inner', { content: quirks(world.origin, shop.siteKey) });
    const outer = shop.add('/outer', {
      content: `<iframe sandbox="allow-scripts" src="${inner}" width="800" height="700"></iframe>`,
    });
    const ada = await visit(undefined, outer);
    const chat = ada.page.frameLocator('iframe').locator('parley-chat');
    await chat.getByRole('button', { name: 'Open chat' }).click();
    await chat.getByText(/This browser keeps nothing|may not use this chat|did not load/).waitFor();
    expect(errors).toEqual([]);
  });

  it('of another site, with our key: refused, and its visitor reads why', async () => {
    const thief = await world.site('thief.localhost');
    thief.siteKey = shop.siteKey;
    const ada = await visit(undefined, thief.url);
    await ada.open();
    await ada.chat.getByText('This page may not use this chat.').waitFor();
    expect(errors).toEqual([]);
    // Asked without a browser, which might be the one to refuse: over HTTP, to upgrade, for the stream.
    const headers = { origin: new URL(thief.url).origin, 'x-parley-site': shop.siteKey };
    const handshake = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'cGFybGV5IGlzIHJlYWxseQ==',
    };
    const server = `${world.server.url}/trpc`;
    expect(await ask(`${server}/sites.info`, headers)).toMatch(/^403 .*origin_refused/s);
    expect(await ask(server, { ...headers, ...handshake })).toMatch(/^403 .*origin_refused/s);
    // A stream has begun before it can say what is wrong.
    const stream = await ask(`${server}/events.subscribe`, {
      ...headers,
      accept: 'text/event-stream',
    });
    expect(stream).toMatch(/origin_refused/);
    expect(stream).not.toMatch(/subscribed/);
  });
});

/** Status and body of an answer; of an accepted upgrade, its status. */
const ask = (url: string, headers: Record<string, string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => {
        resolve(`${String(response.statusCode)} ${body}`);
      });
    });
    asked.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve('101');
    });
    asked.on('error', reject);
    asked.end();
  });

const quirks = (server: string, site: string): string =>
  `<base href="https://elsewhere.example/deep/"><script type="module" src="${server}/parley.js"></script>
   <table><parley-chat site="${site}"></parley-chat></table>`;
