/** A server that lies: each lie of the tables is named to the person in a plain sentence, is shown to be harmless, or
 * is what comparing safety numbers reveals. SECURITY.md has the same rows. */
import { describe, expect, it } from 'vitest';
import { en } from '../../../locales/en.js';
import { hi } from '../../../locales/hi.js';
import type { Person } from '../person.js';
import { until } from '../person.js';
import { hasJanus, scriptedMedia, withJanus } from '../scripted-media.js';
import type { CallStage } from './call-stage.js';
import { callLies } from './calls.js';
import { endlessLies } from './endless.js';
import { groupLies } from './group.js';
import { keyLies } from './keys.js';
import { logLies } from './log.js';
import { passedOverLies } from './passed-over.js';
import { placeLies } from './places.js';
import { createPauses, rejoinLies, type RejoinStage } from './rejoin.js';
import { siteLies } from './site.js';
import { createStages, rowsOf, showed, type Lie, type Sees, type Stage } from './stage.js';

const { stage } = createStages();

/** The sentence that a person reads. */
function sentencesOf(sees: Sees): string[] {
  if ('problem' in sees) return [en.problems[sees.problem], hi.problems[sees.problem]];
  if ('refused' in sees) return [en.problems[sees.refused], hi.problems[sees.refused]];
  if ('notice' in sees) return [en.notices[sees.notice], hi.notices[sees.notice]];
  if ('place' in sees) return [en.conversation[sees.place], hi.conversation[sees.place]];
  if ('keyChanged' in sees) return [en.keyChanged.title, hi.keyChanged.title];
  return [];
}

const hasShownNotice = ({ events }: Person, notice: string): boolean =>
  events.some(
    (event) =>
      event.type === 'messages' &&
      event.messages.some(({ body }) => body.type === 'notice' && body.notice === notice),
  );

const hasShownPlace = ({ events }: Person, pending: boolean): boolean =>
  events.some(
    (event) =>
      event.type === 'messages' &&
      event.messages.some(({ body }) => body.type === 'undecryptable' && body.pending === pending),
  );

const isPerson = (value: unknown): value is Person =>
  typeof value === 'object' && value !== null && 'client' in value;

async function isSeen(sees: Sees, person: Person, told: Stage): Promise<void> {
  if ('problem' in sees) await until(sees.problem, () => showed(person, sees.problem));
  if ('notice' in sees) {
    await until(
      sees.notice,
      async () =>
        hasShownNotice(person, sees.notice) ||
        (await rowsOf(person, told.conversation)).some(
          ({ body }) => body.type === 'notice' && body.notice === sees.notice,
        ),
    );
  }
  if ('place' in sees) {
    const pending = sees.place === 'pending';
    await until(sees.place, () => hasShownPlace(person, pending));
  }
  if ('keyChanged' in sees) {
    await until('the changed key is shown', () =>
      person.client.snapshot.conversations.some(({ peer }) => peer.keyChanged),
    );
  }
  if ('harmless' in sees) await told.goesOn(person);
}

interface Told<Where extends Stage> extends Omit<Lie, 'tell'> {
  tell(stage: Where): Promise<unknown>;
}

function run<Where extends Stage>(lies: readonly Told<Where>[], stageOf: () => Promise<Where>) {
  it.each(lies.map((lie) => [lie.name, lie] as const))('%s', async (_name, lie) => {
    for (const sentence of sentencesOf(lie.sees)) expect(sentence).toMatch(/\S.{10,}/u);
    const told = await stageOf();
    const seer = await lie.tell(told);
    const person = isPerson(seer) ? seer : told.bo;
    await isSeen(lie.sees, person, told);
  });
}

describe('a server that lies about the log', () => {
  run(logLies, stage);
});
describe('a server that lies about places', () => {
  run(placeLies, stage);
});
describe('a server that lies about the group', () => {
  run(groupLies, stage);
});
describe('a server that lies on the way back into a group', () => {
  run([...rejoinLies, ...passedOverLies], async (): Promise<RejoinStage> => {
    const pauses = createPauses();
    return Object.assign(await stage({ bo: { clock: pauses.clock } }), { pauses });
  });
});
describe('a server that lies about keys', () => {
  run(keyLies, stage);
});
describe('a server that never comes to an end', () => {
  run(endlessLies, stage);
});
describe('a server that lies about itself', () => {
  run(siteLies, stage);
});
describe.skipIf(!hasJanus)('a server that lies about calls', () => {
  const { stage: plain } = createStages(withJanus());
  run(callLies, async (): Promise<CallStage> => {
    const media = { asha: scriptedMedia(), bo: scriptedMedia() };
    // No call ends because the machine is slow: what it waits ten seconds and longer for, it waits for.
    const { clock } = createPauses();
    const told = await plain({
      asha: { media: media.asha, clock },
      bo: { media: media.bo, clock },
    });
    await until(
      'calls can be made',
      () => [told.asha, told.bo].every(({ client }) => client.snapshot.calls === 'available'),
      40_000,
    );
    return Object.assign(told, { media });
  });
});
