/** Either browser is killed at random moments while it sends, receives, commits, joins and joins again: whoever opens
 * it again finds what they had seen, nothing twice, nothing that cannot be opened, and the conversation goes on. */
import { cp, rename, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fullRounds, randomOf, rounds, seedFor } from '../../../scripts/rounds.js';
import { moveClock } from '../../fixtures/clock.js';
import { names, otherOf, Story, type Name } from '../../fixtures/story.js';
import { World } from '../../fixtures/world.js';

const kills = rounds({ short: 4, full: 50 });
const seed = seedFor('killed-browsers');
const random = randomOf(seed);
const below = (limit: number): number => Math.floor(random() * limit);

const activities = ['sending', 'receiving', 'committing', 'joining', 'rejoining'] as const;
/** Short rounds do not come to all of them: each begins somewhere else. */
const firstActivity = below(activities.length);
type Activity = (typeof activities)[number];

/** Within this time, in milliseconds, most of it has happened. */
const moments: Record<Activity, number> = {
  sending: 600,
  receiving: 600,
  committing: 1_500,
  joining: 1_000,
  rejoining: 1_500,
};
/** Keys are renewed after a week. */
const renewalMs = 8 * 24 * 3_600_000;

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
  const browser = story.browsers[victim];
  await story.world.killBrowser(browser);
  const reopened = story.world.browser(browser);
  // What the victim did fails now; what the other does goes on to its end.
  await act.catch(() => undefined);
  ended.abort();
  await Promise.all([reopened, ...watching]);
}

/** Two people with browsers of their own, one of whose profiles is as it was before they last wrote: it has to join
 * anew. With the profile everything else in it goes back too.
 * @returns what that profile knows nothing of */
async function goBack(story: Story, victim: Name): Promise<string[]> {
  const { world, browsers, people } = story;
  const other = otherOf(victim);
  await people[other].writeTo(people[victim].address);
  await story.send(other, 'begun');
  await people[victim].openConversation(other);
  await story.goesOn(victim, 'before');
  await world.closeBrowser(browsers[victim]);
  const [profile, copy] = [world.profile(browsers[victim]), world.profile('copy')];
  await cp(profile, copy, { recursive: true, verbatimSymlinks: true });
  await world.browser(browsers[victim]);
  await story.reopen(victim, false);
  const forgotten = texts('forgotten');
  await story.sendAll(victim, forgotten);
  await people[other].sees(forgotten.at(-1) ?? '');
  await world.closeBrowser(browsers[victim]);
  await rm(profile, { recursive: true });
  await rename(copy, profile);
  await story.sendAll(other, texts('while away'));
  await world.browser(browsers[victim]);
  return forgotten;
}

/** Killed while it joins anew, the old profile does so when it is opened again. */
async function killWhileRejoining(story: Story, victim: Name, momentMs: number): Promise<void> {
  const other = otherOf(victim);
  const forgotten = await goBack(story, victim);
  // A page that its browser is killed under may never be heard of again.
  void story.reopen(victim, false).catch(() => undefined);
  const act = story.sendAll(other, texts('meanwhile'));
  await killWhile(story, victim, { momentMs, act });
  await story.reopen(victim, false);
  await story.people[victim].chat.getByText(/A copy of this device.s data was in use/).waitFor();
  await story.goesOn(victim, 'in the end');
  for (const text of [...texts('while away'), ...texts('meanwhile')])
    await story.people[victim].sees(text);
  await story.check({ by: victim, texts: forgotten });
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
    Exclude<Activity, 'joining' | 'rejoining'>,
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
    const activity = activities[(firstActivity + round) % activities.length]!;
    const starter = names[below(2)]!;
    const momentMs = below(moments[activity]);
    const title = `${String(round)} ${victim} ${activity}`;
    it(`${title}, after ${String(momentMs)} ms`, { retry: 0 }, async () => {
      if (activity === 'rejoining') {
        const browsers = { ada: `ada ${String(round)}`, ben: `ben ${String(round)}` };
        for (const name of names) await world.browser(browsers[name]);
        const again = await Story.meet(world, `again-${String(round)}.localhost`, browsers);
        await killWhileRejoining(again, victim, momentMs);
        for (const name of names) await world.closeBrowser(browsers[name]);
        return;
      }
      if (activity !== 'joining') {
        await killWhile(story, victim, { momentMs, act: act[activity](victim, title) });
        await story.reopen(victim, false);
        return story.goesOn(victim, title);
      }
      const meeting = await Story.meet(world, `meeting-${String(round)}.localhost`);
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
