/** Random life of a group: adds, removes, updates and external rejoins, from a seed, for as many steps as asked. */
import {
  commit,
  createGroup,
  encrypt,
  epochAuthenticator,
  generateKeyPackage,
  open,
} from '../index.js';
import {
  joinByWelcome,
  joinExternally,
  type DeviceIdentity,
  type Group,
  type Trust,
} from '../index.js';
import { toHex, utf8 } from '../../bytes.js';
import { newConversationId, person, secondDevice, trustIn } from './people.js';

const devicesMax = 16;

/** Mulberry32: small, seedable, and good enough to choose what happens next. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

interface World {
  random: (below: number) => number;
  trust: Trust;
  inside: Map<DeviceIdentity, Group>;
  outside: DeviceIdentity[];
  groupInfo: Uint8Array;
}

/** After each step every member must agree on the epoch and read one message.
 * @returns how often each kind of step was taken: in five steps or more, each at least once.
 * @throws when one does not. */
export async function churn({
  seed,
  steps,
}: {
  seed: number;
  steps: number;
}): Promise<Record<string, number>> {
  const world = await found(randomFrom(seed));
  const counts: Record<string, number> = {};
  // Each kind comes first once, in any order: the dice alone might leave one out of a short life.
  const due = [...kinds];
  for (let step = 0; step < steps; step += 1) {
    const name = await change(world, due);
    counts[name] = (counts[name] ?? 0) + 1;
    await agree(world, step);
  }
  return counts;
}

async function found(random: World['random']): Promise<World> {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const trust = trustIn(alice, bob);
  const outside: DeviceIdentity[] = [];
  for (let index = 2; index < devicesMax; index += 1)
    outside.push(await secondDevice(index % 2 === 0 ? alice : bob));
  const conversationId = newConversationId();
  const package_ = await generateKeyPackage(bob);
  const keyPackages = [package_.publicBytes];
  const { group, welcome, groupInfo } = await createGroup({
    identity: alice,
    conversationId,
    keyPackages,
    trust,
  });
  const { privateBytes } = package_;
  const joined = await joinByWelcome({
    identity: bob,
    conversationId,
    welcome,
    privateBytes,
    trust,
  });
  const inside = new Map([
    [alice, group],
    [bob, joined.group],
  ]);
  return { random, trust, inside, outside, groupInfo };
}

const pick = <Item>(items: readonly Item[], random: World['random']): Item => {
  const item = items[random(items.length)];
  if (item === undefined) throw new Error('nothing to pick');
  return item;
};

/** A kind of step: how often it is taken among ten, and whether it can be. */
interface Kind {
  name: string;
  weight: number;
  isPossible(world: World): boolean;
  take(world: World): Promise<void>;
}

const isSomebodyOutside = ({ outside }: World): boolean => outside.length > 0;

const kinds: readonly Kind[] = [
  { name: 'add', weight: 4, isPossible: isSomebodyOutside, take: add },
  { name: 'remove', weight: 3, isPossible: ({ inside }) => inside.size > 2, take: remove },
  {
    name: 'rejoin',
    weight: 1,
    isPossible: () => true,
    take: (world) => rejoin(world, pick([...world.inside.keys()], world.random)),
  },
  {
    name: 'join',
    weight: 1,
    isPossible: isSomebodyOutside,
    take: (world) => rejoin(world, pick(world.outside, world.random)),
  },
  { name: 'update', weight: 1, isPossible: () => true, take: update },
];

/** Takes one step: as the dice say, or of a kind that is due.
 * @param due the kinds that are; the one that was taken is removed. */
async function change(world: World, due: Kind[]): Promise<string> {
  const possible = kinds.filter((kind) => kind.isPossible(world));
  const waiting = due.filter((kind) => kind.isPossible(world));
  const weighed = possible.flatMap((kind) => Array<Kind>(kind.weight).fill(kind));
  const kind = pick(waiting.length > 0 ? waiting : weighed, world.random);
  if (due.includes(kind)) due.splice(due.indexOf(kind), 1);
  await kind.take(world);
  return kind.name;
}

async function update(world: World): Promise<void> {
  const committer = pick([...world.inside.keys()], world.random);
  await apply(world, committer, await commit(groupOf(world, committer), { trust: world.trust }));
}

async function add(world: World): Promise<void> {
  const { random, inside, outside, trust } = world;
  const committer = pick([...inside.keys()], random);
  const newcomers = outside.splice(0, 1 + random(Math.min(3, outside.length)));
  const packages = await Promise.all(newcomers.map((device) => generateKeyPackage(device)));
  const made = await commit(groupOf(world, committer), {
    add: packages.map(({ publicBytes }) => publicBytes),
    trust,
  });
  await apply(world, committer, made);
  const { conversationId } = made.group;
  for (const [index, identity] of newcomers.entries()) {
    const privateBytes = packages[index]?.privateBytes;
    if (made.welcome === undefined || privateBytes === undefined) throw new Error('no Welcome');
    const { group } = await joinByWelcome({
      identity,
      conversationId,
      welcome: made.welcome,
      privateBytes,
      trust,
    });
    inside.set(identity, group);
  }
}

async function remove(world: World): Promise<void> {
  const { random, inside, outside, trust } = world;
  const committer = pick([...inside.keys()], random);
  const others = [...inside.keys()].filter((device) => device !== committer);
  const leaving = others.splice(0, 1 + random(Math.min(2, others.length - 1)));
  const leaves = leaving.map((device) => groupOf(world, device).ownLeafIndex);
  const made = await commit(groupOf(world, committer), { remove: leaves, trust });
  for (const device of leaving) {
    const opened = await open(groupOf(world, device), made.commit, trust);
    if (opened.kind !== 'commit' || !opened.selfRemoved)
      throw new Error('a removed device did not learn it');
    inside.delete(device);
    outside.push(device);
  }
  await apply(world, committer, made);
}

async function rejoin(world: World, identity: DeviceIdentity): Promise<void> {
  const { inside, outside, trust, groupInfo } = world;
  const known = inside.delete(identity);
  const [member] = inside.values();
  if (member === undefined) throw new Error('nobody left');
  const joined = await joinExternally({
    identity,
    conversationId: member.conversationId,
    groupInfo,
    trust,
  });
  await apply(world, identity, joined);
  if (!known) outside.splice(outside.indexOf(identity), 1);
}

async function apply(
  world: World,
  committer: DeviceIdentity,
  made: { group: Group; commit: Uint8Array; groupInfo: Uint8Array },
): Promise<void> {
  const others = [...world.inside].filter(([device]) => device !== committer);
  await Promise.all(
    others.map(async ([device, group]) => {
      world.inside.set(device, (await open(group, made.commit, world.trust)).group);
    }),
  );
  world.inside.set(committer, made.group);
  world.groupInfo = made.groupInfo;
}

async function agree(world: World, step: number): Promise<void> {
  const { inside, random, trust } = world;
  const sender = pick([...inside.keys()], random);
  const sent = await encrypt(groupOf(world, sender), utf8(`step ${String(step)}`));
  inside.set(sender, sent.group);
  const authenticators = new Set(
    [...inside.values()].map((group) => toHex(epochAuthenticator(group))),
  );
  if (authenticators.size !== 1)
    throw new Error(`step ${String(step)}: the members are in different epochs`);
  const others = [...inside].filter(([device]) => device !== sender);
  await Promise.all(
    others.map(async ([device, group]) => {
      const opened = await open(group, sent.ciphertext, trust);
      if (opened.kind !== 'application' || opened.sender.deviceId !== sender.deviceId) {
        throw new Error(`step ${String(step)}: a message came from somebody else`);
      }
      inside.set(device, opened.group);
    }),
  );
}

function groupOf({ inside }: World, device: DeviceIdentity): Group {
  const group = inside.get(device);
  if (group === undefined) throw new Error('not in the group');
  return group;
}
