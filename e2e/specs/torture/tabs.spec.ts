/** Five tabs of one person opened, closed and reloaded at random while messages flow, and an owner that the browser
 * puts to sleep: there are never two owners, and nothing is lost or shown twice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomOf, rounds, seedFor } from '../../../scripts/rounds.js';
import { Person } from '../../fixtures/person.js';
import { stopRenderer } from '../../fixtures/renderer.js';
import { TabWatch } from '../../fixtures/tab-watch.js';
import { World } from '../../fixtures/world.js';

const seconds = rounds({ short: 15, full: 120 });
const tabsMax = 5;
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
    await say(ada, `the last of ada ${String(typed.size)}`, { surely: true });
    for (const tab of tabs) await tab.sees([...typed].at(-1) ?? '', 60_000);
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
    await say(owner, `owned ${String(typed.size)}`, { surely: true });
    return [owner, await open()];
  };

  /** What happens while the owner is away, and after it is back. */
  const takesOver = async (
    [owner, other]: [Person, Person],
    { wake }: { wake: () => Promise<unknown> },
  ): Promise<void> => {
    await other.page.bringToFront();
    // Writing is what notices that nobody answers.
    await say(other, `meanwhile ${String(typed.size)}`, { surely: true });
    await ada.sees([...typed].at(-1) ?? '');
    const before = `behind its back ${String(typed.size)}`;
    await say(ada, before, { surely: true });
    await other.sees(before, 60_000);
    const inCharge = await watch.owner();
    await wake();
    const after = `it is back ${String(typed.size)}`;
    await say(ada, after, { surely: true });
    for (const tab of [owner, other]) await tab.sees(after, 60_000);
    expect(await watch.owner(), 'the one that woke up took nothing back').toBe(inCharge);
    await say(owner, `from the one that slept ${String(typed.size)}`, { surely: true });
    await ada.sees([...typed].at(-1) ?? '');
    expect(await watch.engines()).toBe(1);
    await expectNothingLostNorTwice();
  };

  it('one frozen as phones freeze what is in the background: the other goes on', async () => {
    const two = await ownerAndOther();
    const session = await two[0].page.context().newCDPSession(two[0].page);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await takesOver(two, {
      wake: () => session.send('Page.setWebLifecycleState', { state: 'active' }),
    });
  });

  it('one whose process stands still in the middle of its work: the other takes over for good', async () => {
    const two = await ownerAndOther();
    const goOn = await stopRenderer(two[0].page, world.profile('ben'));
    await takesOver(two, {
      wake: async () => {
        goOn();
        return Promise.resolve();
      },
    });
  });
});
