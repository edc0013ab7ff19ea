/** A page that takes our element out, puts it elsewhere, clones it and changes it at random: nothing piles up. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { randomOf, rounds, seedFor } from '../../../scripts/rounds.js';
import { watchErrors } from '../../fixtures/host-errors.js';
import { countIntervals, held } from '../../fixtures/leaks.js';
import { Person } from '../../fixtures/person.js';
import { World } from '../../fixtures/world.js';

const changes = rounds({ short: 20, full: 100 });
/** Of these changes one waits until the element's client has been let go. */
const longOnes = rounds({ short: 2, full: 8 });
/** What a page may grow by: caches of the engine's answers, nothing for each change. */
const growthBytesMax = 3 * 2 ** 20;

it(`after ${String(changes)} changes the page holds what it held, and chat goes on`, async () => {
  const random = randomOf(seedFor('moved about'));
  await using world = await World.create();
  const { ada: first, ben } = await world.twoPeople();
  await first.send('before');
  await ben.openConversation(/ada/i);
  const browser = world.context('ada');
  await first.page.close();
  const page = await browser.newPage();
  const errors = watchErrors(page, world.origin);
  await countIntervals(page);
  const ada = new Person(page, first.address);
  await page.goto(world.pageOf('shop.localhost').url);
  const settle = async (): Promise<void> => {
    await page.evaluate(rest);
    await ada.open();
    await ada.chat.getByText('before').first().waitFor();
    await page.evaluate(rest);
  };
  await settle();
  const before = await held(page);
  for (let change = 0; change < changes; change += 1) await changeSomething(page, random());
  for (let round = 0; round < longOnes; round += 1) await goAway(page);
  await settle();
  const after = await held(page);
  expect(after).toMatchObject({ elements: 1, apps: 1, intervals: before.intervals });
  expect(after.listeners).toBeLessThanOrEqual(before.listeners);
  expect(after.heapBytes - before.heapBytes).toBeLessThan(growthBytesMax);
  await ada.open();
  await ada.openConversation(/ben/i);
  await ada.send('after');
  await ben.sees('after');
  await ben.send('so it is');
  await ada.sees('so it is');
  expect(errors).toEqual([]);
});

/** One change of the many that pages make. @param chance 0 to 1 */
async function changeSomething(page: Page, chance: number): Promise<void> {
  await page.evaluate((what) => {
    const element = document.querySelector('parley-chat');
    if (element === null) throw new Error('it is gone');
    const places = [document.body, document.documentElement, document.createElement('section')];
    if (what < 0.3) {
      const { parentNode } = element;
      element.remove();
      parentNode?.append(element);
    } else if (what < 0.45) {
      const place = places[Math.floor(what * 1e6) % 3] ?? document.body;
      if (!place.isConnected) document.body.append(place);
      place.append(element);
    } else if (what < 0.55) {
      const clone = element.cloneNode(true);
      document.body.append(clone);
      document.body.removeChild(clone);
    } else if (what < 0.75) element.toggleAttribute('open');
    else if (what < 0.85) {
      const values = ['', 'dark', 'light', '<b>', 'x'.repeat(10_000), '@nobody', 'hi', 'ar'];
      const names = ['theme', 'lang', 'dir', 'class', 'style', 'hidden', 'inert', 'slot', 'title'];
      element.setAttribute(
        names[Math.floor(what * 1e6) % names.length] ?? 'title',
        values[Math.floor(what * 1e5) % values.length] ?? '',
      );
    } else if (what < 0.93) {
      const site = element.getAttribute('site') ?? '';
      element.setAttribute('site', 'pk_of_nobody');
      element.setAttribute('site', site);
    } else (element as Element & { open: () => void }).open();
  }, chance);
}

/** Long enough for the element to let go of its client. */
async function goAway(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const element = document.querySelector('parley-chat');
    element?.remove();
    const panel = element?.shadowRoot?.querySelector<HTMLElement>('[part=panel]');
    while (panel?.hidden === false || panel?.querySelector('parley-app'))
      await new Promise((resolve) => setTimeout(resolve, 50));
    if (element) document.body.append(element);
  });
}

/** As it was at first: closed, with nothing left of what was changed. */
function rest(): void {
  const element = document.querySelector('parley-chat');
  for (const name of element?.getAttributeNames() ?? [])
    if (name !== 'site') element?.removeAttribute(name);
}
