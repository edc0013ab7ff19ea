/** Calls of a device that was restored from a copy of its old profile: whoever encrypts does so with keys of its own,
 * under whatever base key of the group two copies of one leaf can come to. */
import { describe, expect, it } from 'vitest';
import { randomBytes, toHex } from '../bytes.js';
import type { CallKeys } from '../calls/media-port.js';
import type { CallId, ConversationId } from '../index.js';
import { CallCipher, newPublication } from '../sframe/index.js';
import { deriveKeyAndSalt, readFrameHeader, saltedBaseKey } from '../sframe/cipher.js';
import { recordOf } from './crashes.js';
import { lyingTransport, type Lies } from './hostile.js';
import { copyDisk, transportOf, until, type Person } from './person.js';
import { hasJanus, scriptedMedia, withJanus, type ScriptedMedia } from './scripted-media.js';
import { createWorld } from './world.js';

const world = createWorld(withJanus());

const callOf = ({ client }: Person) => client.snapshot.call;
const isStopped = ({ client }: Person): boolean =>
  client.snapshot.phase === 'closed' && client.snapshot.problem?.code === 'profile_copied';

/** A media port that remembers the keys it was given as they were: clients wipe their own. */
function keepingMedia(): { media: ScriptedMedia; given: CallKeys[] } {
  const media = scriptedMedia();
  const given: CallKeys[] = [];
  const { prepare, setKeys } = media;
  media.prepare = (options) => {
    given.push(structuredClone(options.keys));
    return prepare(options);
  };
  media.setKeys = (keys) => {
    given.push(structuredClone(keys));
    return setKeys(keys);
  };
  return { media, given };
}

async function calls(person: Person, other: Person, conversationId: ConversationId) {
  await person.client.run<'start_call'>({ type: 'start_call', conversationId, video: true });
  await until('it rings', () => callOf(other)?.phase === 'incoming');
  return callOf(other)?.id as CallId;
}

const answers = (person: Person, callId: CallId) =>
  person.client.run<'answer_call'>({ type: 'answer_call', callId, video: true });

async function hangsUp(person: Person): Promise<void> {
  const callId = callOf(person)?.id;
  if (callId !== undefined) await person.client.run<'hang_up'>({ type: 'hang_up', callId });
  await until('the call is over', () => [undefined, 'ended'].includes(callOf(person)?.phase));
}

/** What frame workers make of keys that they were given: key and nonce of all that many publications send. */
async function pairsOf(keys: CallKeys): Promise<string[]> {
  const cipher = new CallCipher();
  cipher.setKeys(keys);
  const epoch = keys.epochs.find(({ send }) => send);
  const own = keys.senders.find(({ senderIndex }) => senderIndex === keys.senderIndex);
  if (epoch === undefined || own?.salt === undefined) throw new Error('nothing to send with');
  const baseKey = saltedBaseKey(keys.suite as 5, epoch.baseKey, own.salt);
  const pairs: string[] = [];
  for (let count = 0; count < 32; count += 1) {
    const publication = newPublication('audio');
    for (let frame = 0; frame < 32; frame += 1) {
      const sealed = await cipher.seal(publication, randomBytes(40));
      const header = sealed === null ? null : readFrameHeader(sealed, 1);
      if (header === null) throw new Error('not sent');
      const { key, salt } = deriveKeyAndSalt(keys.suite as 5, baseKey, header.keyId);
      // The nonce: the salt with the counter XORed on.
      pairs.push(`${toHex(key)} ${toHex(salt)} ${String(header.counter)}`);
    }
  }
  return pairs;
}

/** Each list is of one worker, which is given the same again with each change. */
async function expectNothingTwice(workers: CallKeys[][]): Promise<void> {
  const pairs = await Promise.all(
    workers.map(async (given) => [...new Set((await Promise.all(given.map(pairsOf))).flat())]),
  );
  const all = pairs.flat();
  expect(all.length).toBeGreaterThanOrEqual(workers.length * 32 * 32);
  expect(new Set(all).size).toBe(all.length);
}

describe.skipIf(!hasJanus)('two copies of one profile', () => {
  async function scene() {
    const [atOriginal, atCopy, atBo] = [keepingMedia(), keepingMedia(), keepingMedia()];
    const [original, bo, conversation] = await world.couple([
      { media: atOriginal.media },
      { media: atBo.media },
    ]);
    await until('calls can be made', () =>
      [original, bo].every(({ client }) => client.snapshot.calls === 'available'),
    );
    /** A client on what the disk holds now; the original hears of it, and stops. */
    const restore = async (disk = copyDisk(original.store)): Promise<Person> => {
      const copy = await original.twin({ store: await disk, media: atCopy.media });
      world.keep(copy);
      await until('the original stops', () => isStopped(original));
      await until('the copy is at work', () => copy.client.snapshot.connection === 'online');
      return copy;
    };
    return { original, bo, conversation, atOriginal, atCopy, restore };
  }

  it('that both call share no base key, and the first is out of its call', async () => {
    const { original, bo, conversation, atOriginal, atCopy, restore } = await scene();
    const disk = await copyDisk(original.store);
    await answers(bo, await calls(original, bo, conversation));
    await until('it is answered', () => callOf(original)?.phase === 'connecting');
    const closed = atOriginal.media.closed;
    const copy = await restore(Promise.resolve(disk));
    expect(atOriginal.media.closed).toBeGreaterThan(closed);
    expect(callOf(copy)).toBeNull();
    await hangsUp(bo);
    await calls(copy, bo, conversation);
    await hangsUp(copy);
    await expectNothingTwice([atOriginal.given, atCopy.given]);
  });

  it('that calls on its way back into the group makes its keys of the state that it comes back to', async () => {
    const { original, bo, conversation, atCopy } = await scene();
    const store = await copyDisk(original.store);
    await original.say(conversation, 'on the original');
    await until('Bo reads it', async () =>
      (await bo.texts(conversation)).includes('on the original'),
    );
    await original.client.close();
    let letIn: () => void = () => undefined;
    const isLetIn = new Promise<void>((resolve) => (letIn = resolve));
    const lies: Lies = {
      procedures: (honest) => ({
        groupInfo: async (id) => {
          await isLetIn;
          return honest.groupInfo(id);
        },
      }),
    };
    const transport = lyingTransport(transportOf(world.server, original.site), lies);
    const copy = world.keep(await original.twin({ store, media: atCopy.media, transport }));
    const record = () => recordOf(copy, conversation);
    await until('it is out', async () => (await record())?.state === 'out');
    const { epoch = 0 } = (await record()) ?? {};
    await until('calls can be made', () => copy.client.snapshot.calls === 'available');
    const calling = calls(copy, bo, conversation);
    expect(atCopy.given).toEqual([]);
    letIn();
    await calling;
    expect((await record())?.epoch).toBeGreaterThan(epoch);
    await hangsUp(copy);
    await expectNothingTwice([atCopy.given]);
  });

  it('that the same call rings at have its base key, and no key and nonce in common', async () => {
    const { original, bo, conversation, atOriginal, atCopy, restore } = await scene();
    const callId = await calls(bo, original, conversation);
    await until('the original is prepared', () => atOriginal.given.length > 0);
    const copy = await restore();
    await until('it rings at the copy', () => callOf(copy)?.phase === 'incoming');
    await answers(copy, callId);
    await until('the copy is prepared', () => atCopy.media.opened > 0);
    const baseKeys = [atOriginal, atCopy].map(({ given }) =>
      toHex(given[0]?.epochs[0]?.baseKey ?? new Uint8Array()),
    );
    expect(baseKeys[0]).toBe(baseKeys[1]);
    await hangsUp(copy);
    await expectNothingTwice([atOriginal.given, atCopy.given]);
  });
});
