/** A member with a modified client, seen on the other's screen: the real client, with its own checks cut out. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rounds } from '../../../scripts/rounds.js';
import { run, said } from '../../fixtures/commands.js';
import { heapBytes } from '../../fixtures/leaks.js';
import { Person } from '../../fixtures/person.js';
import { World } from '../../fixtures/world.js';

const burst = rounds({ short: 200, full: 10_000 });
/** Tells a page that froze from one on a busy machine: layout that grows with the square takes many times as long. */
const longestTaskMaxMs = 5_000;
/** What the page may hold more than before: the messages on its screen, however many came. */
const growthBytesMax = 16 * 2 ** 20;

const script = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
const name = `\u202E\u2067${script.slice(0, 30)}Z${'\u0301'.repeat(20)}`;
const marks = `a${'\u0301\u0323\u0488'.repeat(2_666)}`;
const texts = [
  script,
  marks,
  'w'.repeat(8_000),
  '👩🏽‍🌾'.repeat(1_000),
  '\u202Egnp.exe \u2067 never closed',
  'javascript:pwned=1 https://bank.example@evil.example/ data:text/html,x',
  '{"__proto__":{"pwned":1},"constructor":{"prototype":{"pwned":1}}}',
  'null \u0000 and escape \u001b[31m',
];

describe('a member with a modified client', () => {
  let world: World;
  let ada: Person;
  let mallory: Person;

  beforeAll(async () => {
    world = await World.create();
    const shop = await world.site('shop.localhost');
    const browsers = [await world.browser('ada'), await world.browser('mallory')] as const;
    await cutChecks(browsers[1]);
    ada = await Person.visit(browsers[0], shop.url, 'ada');
    mallory = await Person.visit(browsers[1], shop.url, 'mallory');
    await watchTasks(ada.page);
    await Promise.all([ada.claim(), mallory.claim()]);
    await run(mallory, { type: 'set_display_name', displayName: name });
    await mallory.writeTo(ada.address);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('gets text shown as text, in its own bubble, under a name without tricks', async () => {
    await longestTask(ada.page); // What came before is not counted.
    await run(mallory, ...[...texts, 'the last'].map(said));
    await ada.openConversation(/the last/);
    await ada.sees('the last');
    const shown = await ada.lines();
    expect(shown.map(({ text }) => text)).toContain(script);
    expect(shown.map(({ text }) => text)).toContain(marks);
    const heading = await ada.chat.locator('parley-conversation h1 bdi').textContent();
    expect(heading).toBe(`${script.slice(0, 30)}Z${'\u0301'.repeat(4)}`);
    expect(await ada.page.evaluate(inspect)).toEqual({ pwned: false, foreign: 0, wide: false });
    const hrefs = await ada.chat.locator('parley-message a').evaluateAll((links) => links.length);
    expect(hrefs).toBe(0);
    expect(await longestTask(ada.page)).toBeLessThan(longestTaskMaxMs);
    await ada.send('still here');
    await mallory.sees('still here');
  });

  it(
    `gets ${String(burst)} messages at once delivered, and the screen stays awake and where it was`,
    { timeout: rounds({ short: 600_000, full: 3_600_000 }) },
    async () => {
      const log = ada.chat.getByRole('log');
      await log.evaluate((element) => {
        element.scrollTop = 0;
      });
      await ada.button('To the latest messages').waitFor();
      await longestTask(ada.page);
      const spoken = await listen(ada.page);
      const before = await heapBytes(ada.page);
      await run(
        mallory,
        ...Array.from({ length: burst }, (_, index) => said(`flood ${String(index)}`)),
      );
      await ada.button(/new: To the latest messages/).waitFor();
      expect(await log.evaluate((element) => element.scrollTop)).toBeLessThan(3);
      await ada.button(/To the latest messages/).click();
      await ada.sees(`flood ${String(burst - 1)}`, 300_000);
      expect(await ada.chat.locator('parley-message').count()).toBeLessThanOrEqual(216);
      expect(await longestTask(ada.page)).toBeLessThan(longestTaskMaxMs);
      expect((await heapBytes(ada.page)) - before).toBeLessThan(growthBytesMax);
      // One in two and a half seconds, and the first.
      expect(await spoken()).toBeLessThan(burst / 5);
      await ada.send('and still here');
      await mallory.sees('and still here', 120_000);
      ada.expectNoComplaints();
    },
  );
});

/** Has every module come without its rules for names: what a modified client is. */
async function cutChecks(browser: BrowserContext): Promise<void> {
  let cut = 0;
  await browser.route('**/modules/*.js', async (route) => {
    const answer = await route.fetch();
    const whole = await answer.text();
    const rules = /\/\[\\p\{Cc\}[^/]*\/gu|\/\(\\p\{M\}\{4\}\)\\p\{M\}\+\/gu/g;
    const body = whole.replaceAll(rules, () => {
      cut += 1;
      return '/(?!)/gu';
    });
    await route.fulfill({ response: answer, body });
  });
  browser.on('close', () => {
    expect(cut, 'rules that were cut out').toBeGreaterThanOrEqual(2);
  });
}

/** Records the page's long tasks. */
const watchTasks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
  });

/** The longest task since it was last asked, in milliseconds. */
const longestTask = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { longTasks } = globalThis as unknown as { longTasks: number[] };
    return Math.max(0, ...longTasks.splice(0));
  });

/** Counts what screen readers are told. @returns how often, until then */
async function listen(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const app = document.querySelector('parley-chat')?.shadowRoot?.querySelector('parley-app');
    const status = app?.shadowRoot?.querySelector('p[role=status]');
    const heard = { count: 0 };
    Object.assign(globalThis, { heard });
    if (status)
      new MutationObserver(() => (heard.count += 1)).observe(status, {
        childList: true,
        characterData: true,
        subtree: true,
      });
  });
  return () =>
    page.evaluate(() => (globalThis as unknown as { heard: { count: number } }).heard.count);
}

/** Runs in the page: whether anything ran, came in as an element, or made the thread wider. */
function inspect(): { pwned: boolean; foreign: number; wide: boolean } {
  const deep = (root: ParentNode): Element[] =>
    [...root.querySelectorAll('*')].flatMap((element) => [
      element,
      ...(element.shadowRoot ? deep(element.shadowRoot) : []),
    ]);
  const all = deep(document.querySelector('parley-chat')?.shadowRoot ?? document);
  const log = all.find((element) => element.getAttribute('role') === 'log');
  return {
    pwned: 'pwned' in window || 'pwned' in {},
    foreign: all.filter(({ localName }) => localName === 'img' || localName === 'script').length,
    wide: log === undefined || log.scrollWidth > log.clientWidth,
  };
}
