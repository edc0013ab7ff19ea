/** Five tabs of one person opened, closed and reloaded at random while messages flow, and an owner that the browser
 * puts to sleep: there are never two owners, and nothing is lost or shown twice. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fullRounds, randomOf, rounds, seedFor } from '../../../scripts/rounds.js';
import { run, said } from '../../fixtures/commands.js';
import { Person } from '../../fixtures/person.js';
import { Renderer } from '../../fixtures/renderer.js';
import { TabWatch } from '../../fixtures/tab-watch.js';
import { World } from '../../fixtures/world.js';

const seconds = rounds({ short: 15, full: 120 });
const tabsMax = 5;
/** Chromium gives up after a minute what a tab that stands still was about to store. */
const tookOverMs = 120_000;
const random = randomOf(seedFor('tabs'));
const below = (limit: number): number => Math.floor(random() * limit);

describe('tabs of one person', () => {
  let world: World;
  let ada: Person;
  let url: string;
  let tabs: Person[];
  let watch: TabWatch;
  /** What must be there in the end, and what may be. */
  const sure = new Set<string>();
  const typed = new Set<string>();

  beforeAll(async () => {
    world = await World.create({ env: { PARLEY_RATE_LIMITS: 'off' } });
    const two = await world.twoPeople();
    ada = two.ada;
    url = two.ben.page.url();
    tabs = [two.ben];
    watch = await TabWatch.start(world.context('ben'), two.ben, world.origin);
    await say(ada, 'before everything', { surely: true });
    await two.ben.openConversation(/ada/i);
    await two.ben.sees('before everything');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const say = async (
    person: Person,
    text: string,
    { surely }: { surely: boolean },
  ): Promise<void> => {
    typed.add(text);
    await person.send(text);
    // Once it is shown it may not be lost; before, its tab may go with it.
    if (surely) await person.sees(text);
    if (surely) sure.add(text);
  };
  const newText = (text: string): string => {
    typed.add(`${text} ${String(typed.size)}`);
    return [...typed].at(-1) ?? '';
  };
  const open = async (): Promise<Person> => {
    const tab = await Person.visit(world.context('ben'), url, 'ben');
    tabs.push(tab);
    await tab.open();
    await tab.openConversation(/ada/i);
    return tab;
  };
  const close = async (tab: Person): Promise<void> => {
    tabs = tabs.filter((other) => other !== tab);
    await tab.page.close();
  };
  const texts = async (person: Person): Promise<string[]> =>
    (await person.readAll()).flatMap(({ text }) => (typed.has(text) ? [text] : []));

  const expectNothingLostNorTwice = async (): Promise<void> => {
    const last = newText('the last of ada');
    await say(ada, last, { surely: true });
    for (const tab of tabs) await tab.sees(last, 60_000);
    const atAda = await texts(ada);
    expect(new Set(atAda).size, 'nothing twice').toBe(atAda.length);
    expect([...sure].filter((text) => !atAda.includes(text))).toEqual([]);
    for (const tab of tabs) expect(await texts(tab)).toEqual(atAda);
  };

  it(
    `are opened, closed and reloaded at random for ${String(seconds)} seconds`,
    { timeout: seconds * 1_000 + 180_000, retry: 0 },
    async () => {
      const end = Date.now() + seconds * 1_000;
      for (let turn = 1; Date.now() < end; turn += 1) {
        const tab = tabs[below(tabs.length)]!;
        const surely = below(2) === 0;
        const kind = below(10);
        if (kind < 3) await say(ada, `ada ${String(turn)}`, { surely });
        else if (kind < 6) await say(tab, `ben ${String(turn)}`, { surely });
        else if (kind < 8 && tabs.length < tabsMax) await open();
        else if (tabs.length > 1) await close(tab);
        expect(await watch.engines()).toBeLessThanOrEqual(1);
      }
      await expectNothingLostNorTwice();
      const terms = await watch.terms();
      expect(terms, 'an engine never speaks again after the next one has').toEqual(
        [...new Set(terms)].sort((a, b) => a - b),
      );
    },
  );

  /** Two tabs, the first of which owns the engine. */
  const ownerAndOther = async (): Promise<[Person, Person]> => {
    while (tabs.length > 1) await close(tabs.at(-1)!);
    const owner = tabs[0]!;
    await say(owner, newText('owned'), { surely: true });
    return [owner, await open()];
  };

  /** The owner's process stops, page and worker; the other tab takes over, and the first goes on where it stood.
   * @param busy the owner is in the middle of sending. */
  const takesOver = async ({ busy }: { busy: boolean }): Promise<void> => {
    const [owner, other] = await ownerAndOther();
    await watch.startBeats(owner.page);
    using renderer = await Renderer.of(owner.page, [other.page, ada.page]);
    const hurried = busy ? Array.from({ length: 20 }, () => newText('hurried')) : [];
    const sending = run(owner, ...hurried.map(said));
    if (busy) await delay(below(60));
    renderer.stop();
    await other.page.bringToFront();
    const beat = await watch.lastBeat();
    // Writing is what notices that nobody answers; the text is shown once another engine has it.
    const meanwhile = newText('meanwhile');
    await other.send(meanwhile);
    await other.chat.getByText('Connecting').first().waitFor();
    await other.sees(meanwhile, tookOverMs);
    sure.add(meanwhile);
    const before = newText('behind its back');
    await say(ada, before, { surely: true });
    await other.sees(before, 60_000);
    const inCharge = await watch.owner();
    expect(await watch.lastBeat(), 'its worker stood still').toBe(beat);
    renderer.goOn();
    await expect.poll(() => owner.page.workers(), { timeout: 60_000 }).toEqual([]);
    // Its page was never closed: nothing of what it was asked may be lost.
    await sending;
    for (const text of hurried) sure.add(text);
    const after = newText('it is back');
    await say(ada, after, { surely: true });
    for (const tab of [owner, other]) await tab.sees(after, 60_000);
    const last = newText('from the one that slept');
    await say(owner, last, { surely: true });
    await ada.sees(last);
    expect(await watch.owner(), 'the one that woke up took nothing back').toBe(inCharge);
    expect(await watch.engines()).toBe(1);
    await expectNothingLostNorTwice();
  };

  it(
    'one frozen as phones freeze what is in the background: the other goes on',
    { timeout: 2 * tookOverMs },
    () => takesOver({ busy: false }),
  );

  it.runIf(fullRounds)(
    'one whose process stands still in the middle of its work: the other takes over for good',
    { timeout: 2 * tookOverMs },
    () => takesOver({ busy: true }),
  );
});
