/** Either browser is killed at random moments while it sends, receives, commits, joins and joins again: whoever opens
 * it again finds what they had seen, nothing twice, nothing that cannot be opened, and the conversation goes on. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fullRounds, randomOf, rounds, seedFor } from '../../../scripts/rounds.js';
import { moveClock } from '../../fixtures/clock.js';
import { Person } from '../../fixtures/person.js';
import { World } from '../../fixtures/world.js';

const kills = rounds({ short: 4, full: 50 });
const seed = seedFor('killed-browsers');
const random = randomOf(seed);
const below = (limit: number): number => Math.floor(random() * limit);

const names = ['ada', 'ben'] as const;
type Name = (typeof names)[number];
const otherOf = (name: Name): Name => (name === 'ada' ? 'ben' : 'ada');
const activities = ['sending', 'receiving', 'committing', 'joining'] as const;
type Activity = (typeof activities)[number];

/** Within this time, in milliseconds, most of it has happened. */
const moments: Record<Activity, number> = {
  sending: 600,
  receiving: 600,
  committing: 1_500,
  joining: 1_000,
};
/** Keys are renewed after a week. */
const renewalMs = 8 * 24 * 3_600_000;

/** Two people, what they must find again, and the page on which each has the conversation. */
class Story {
  /** What each was shown of what was typed: it may never be gone again. */
  readonly shown: Record<Name, Set<string>> = { ada: new Set(), ben: new Set() };
  /** What each was shown instead of a message. */
  readonly unreadable: string[] = [];
  /** Everything that anybody typed. */
  readonly typed = new Set<string>();

  constructor(
    readonly world: World,
    readonly people: Record<Name, Person>,
  ) {}

  async send(name: Name, text: string): Promise<void> {
    this.typed.add(text);
    await this.people[name].send(text);
  }

  async sendAll(name: Name, texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.send(name, text);
  }

  /** Keeps what somebody sees until they see no more. */
  async watch(name: Name, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      const lines = await this.people[name].lines().catch(() => []);
      for (const { text } of lines) {
        if (this.typed.has(text)) this.shown[name].add(text);
        if (/could not be opened/i.test(text)) this.unreadable.push(`${name}: ${text}`);
      }
    }
  }

  /** Opens the page with the conversation again. `start`: begun anew, if it has to be. */
  async reopen(name: Name, start: boolean): Promise<void> {
    const other = otherOf(name);
    const url = this.people[name].page.url();
    const person = await Person.visit(this.world.context(name), url, name);
    this.people[name] = person;
    await person.open();
    if (start) await person.writeTo(this.people[other].address);
    else await person.openConversation(new RegExp(other, 'i'));
  }

  /** Both write and read again, and both see the same: what was shown, and nothing twice. */
  async goesOn(victim: Name, title: string): Promise<void> {
    const other = otherOf(victim);
    await this.send(victim, `${victim} is back: ${title}`);
    await this.people[other].sees(`${victim} is back: ${title}`);
    await this.send(other, `${other} answers: ${title}`);
    await this.people[victim].sees(`${other} answers: ${title}`);
    // Pages hold different stretches of what was before.
    const now = async (name: Name): Promise<string[]> =>
      (await this.said(name, 'lines')).filter((text) => text.includes(title));
    const atVictim = await now(victim);
    await expect.poll(() => now(other), { timeout: 30_000 }).toEqual(atVictim);
  }

  /** What was typed, as it stands in somebody's conversation. */
  async said(name: Name, how: 'lines' | 'readAll'): Promise<string[]> {
    const lines = await this.people[name][how]();
    expect(lines.map(({ text }) => text).join('\n')).not.toMatch(/could not be opened/i);
    return lines.flatMap(({ text }) => (this.typed.has(text) ? [text] : []));
  }

  /** The whole conversation at both ends, compared with what was seen. */
  async check(): Promise<void> {
    const [atAda, atBen] = [await this.said('ada', 'readAll'), await this.said('ben', 'readAll')];
    expect(atAda).toEqual(atBen);
    expect(new Set(atAda).size, 'nothing twice').toBe(atAda.length);
    for (const name of names)
      expect(
        [...this.shown[name]].filter((text) => !atAda.includes(text)),
        `lost at ${name}`,
      ).toEqual([]);
    expect(this.unreadable).toEqual([]);
  }
}

const texts = (title: string): string[] =>
  Array.from({ length: 6 }, (_, index) => `${title} ${String(index)}`);

/** Kills the victim's browser in the middle of something, and opens it again. */
async function killWhile(
  story: Story,
  victim: Name,
  { momentMs, act }: { momentMs: number; act: Promise<unknown> },
): Promise<void> {
  const ended = new AbortController();
  const watching = names.map((name) => story.watch(name, ended.signal));
  await delay(momentMs);
  await story.world.killBrowser(victim);
  const reopened = story.world.browser(victim);
  // What the victim did fails now; what the other does goes on to its end.
  await act.catch(() => undefined);
  ended.abort();
  await Promise.all([reopened, ...watching]);
}

/** Their first contact, on a site of its own: one founds the group, the other joins it by the Welcome. */
async function meet(world: World, round: number): Promise<Story> {
  const site = await world.site(`meeting-${String(round)}.localhost`);
  const [ada, ben] = await Promise.all(
    names.map(async (name) => {
      const person = await Person.visit(world.context(name), site.url, name);
      await person.claim();
      return person;
    }),
  );
  return new Story(world, { ada: ada!, ben: ben! });
}

describe(`${String(kills)} times a browser is killed`, () => {
  let world: World;
  let story: Story;
  const ahead: Record<Name, number> = { ada: 0, ben: 0 };

  beforeAll(async () => {
    world = await World.create({ env: { PARLEY_RATE_LIMITS: 'off' } });
    story = new Story(world, await world.twoPeople());
    await story.send('ada', 'before everything');
    await story.people.ben.openConversation(/ada/i);
    await story.people.ben.sees('before everything');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  /** Starts what the victim is killed in the middle of. */
  const act: Record<
    Exclude<Activity, 'joining'>,
    (victim: Name, title: string) => Promise<unknown>
  > = {
    sending: (victim, title) => story.sendAll(victim, texts(title)),
    receiving: (victim, title) => story.sendAll(otherOf(victim), texts(title)),
    // A week later fresh keys are due at the next connection; the other goes on talking.
    async committing(victim, title) {
      ahead[victim] += renewalMs;
      await moveClock(world.context(victim), ahead[victim]);
      world.wire.cut();
      await story.sendAll(otherOf(victim), texts(title));
    },
  };

  for (let round = 1; round <= kills; round += 1) {
    const victim = names[below(2)]!;
    const activity = activities[(round - 1) % activities.length]!;
    const starter = names[below(2)]!;
    const momentMs = below(moments[activity]);
    const title = `${String(round)} ${victim} ${activity}`;
    it(`${title}, after ${String(momentMs)} ms`, { retry: 0 }, async () => {
      if (activity !== 'joining') {
        await killWhile(story, victim, { momentMs, act: act[activity](victim, title) });
        await story.reopen(victim, false);
        return story.goesOn(victim, title);
      }
      const meeting = await meet(world, round);
      const { address } = meeting.people[otherOf(starter)];
      const begin = async (): Promise<void> => {
        await meeting.people[starter].writeTo(address);
        await meeting.sendAll(starter, texts(title));
      };
      await killWhile(meeting, victim, { momentMs, act: begin() });
      await meeting.reopen(victim, victim === starter);
      if (victim === starter) await meeting.people[otherOf(starter)].openConversation(victim);
      await meeting.goesOn(victim, title);
      await meeting.check();
      for (const name of names) await meeting.people[name].page.close();
      await story.reopen(victim, false);
    });
  }

  it('in the end both see the same: all that either was shown, once', async () => {
    await story.check();
    // In a short round each browser may be killed before it has made its commit.
    if (!fullRounds) return;
    const metrics = await fetch(`${world.server.url}/metrics`).then((answer) => answer.text());
    expect(metrics, 'keys were renewed').toMatch(/path="conversations\.commit"/);
  });
});
