/** Lies about the site, the account and the time, and answers that are none. */
import { encode } from '@msgpack/msgpack';
import { expect } from 'vitest';
import type { StoredIdentity } from '../../account/account.js';
import { utf8 } from '../../bytes.js';
import { systemClock } from '../../client/ports.js';
import { verify } from '../../identity/ed25519.js';
import { transportLimits } from '../../transport/limits.js';
import { claim, until, type Person } from '../person.js';
import { Raw, Repeated, type Proxy } from './proxy.js';
import { Blocked, problemOf, showed, type Lie, type Stage } from './stage.js';

const yearMs = 365 * 24 * 3_600_000;

/** Changes every answer of one procedure. */
const answering = (path: string, change: (data: never) => unknown): Proxy['lies'] => ({
  answer: (question, data) => (question.path === path ? change(data as never) : data),
});

/** Bo comes back while the server lies, and is told; then it is honest, and he is not told any more. */
function comingBack(
  name: string,
  problem: 'answer_malformed' | 'clock_wrong',
  lies: Proxy['lies'],
): Lie {
  return {
    name,
    sees: { problem },
    async tell(stage) {
      stage.proxy.lies = lies;
      const again = await stage.again();
      await until('it is told of', () => showed(again, problem));
      await honestAgain(stage, again);
      return again;
    },
  };
}

async function honestAgain({ proxy }: Stage, person: Person): Promise<void> {
  proxy.lies = {};
  proxy.cut();
  await person.client.run<'reconnect'>({ type: 'reconnect' });
  await until(
    'it is over',
    () => problemOf(person) === undefined && person.client.snapshot.connection === 'online',
  );
}

/** Without a session, the next connection begins with a log-in. */
async function loggedOut(stage: Stage, lies: Proxy['lies']): Promise<Person> {
  stage.proxy.lies = lies;
  await stage.bo.client.close();
  await stage.bo.store.commit([{ table: 'meta', key: ['session'], value: undefined }]);
  return stage.again();
}

/** The connection ends over something that no honest server says, the person is told, and it goes on. */
function saying(name: string, bytes: () => Uint8Array): Lie {
  return {
    name,
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      stage.proxy.invent(bytes());
      await until('it is told of', () => showed(stage.bo, 'answer_malformed'));
      await stage.goesOn();
    },
  };
}

/** A body without end, as fast as it is taken. */
const endless = (path: string, piece: string, type: string): Proxy['lies'] => ({
  http: (request, response) => {
    if (request.url?.startsWith(`/trpc/${path}`) !== true) return false;
    response.writeHead(200, { 'content-type': type });
    const more = (): void => {
      while (response.writable && response.write(piece));
    };
    response.on('drain', more);
    response.on('error', () => undefined);
    more();
    return true;
  },
});

async function overHttp(stage: Stage, lies: Proxy['lies']): Promise<Person> {
  stage.proxy.lies = lies;
  const person = stage.world.keep(
    await stage.bo.reload({ WebSocket: Blocked as unknown as typeof WebSocket }),
  );
  await until('it is told of', () => showed(person, 'answer_malformed'));
  return person;
}

export const siteLies: Lie[] = [
  comingBack(
    'what the site is makes no sense',
    'answer_malformed',
    answering('sites.info', () => ({ domain: 7, reach: 'everywhere' })),
  ),
  comingBack(
    'the date is a year ahead',
    'clock_wrong',
    answering('sites.info', (info: { now: number }) => ({ ...info, now: info.now + yearMs })),
  ),
  comingBack(
    'the date is a year ago',
    'clock_wrong',
    answering('sites.info', (info: { now: number }) => ({ ...info, now: info.now - yearMs })),
  ),
  comingBack(
    'the heads make no sense',
    'answer_malformed',
    answering('conversations.heads', () => ({ heads: {}, more: 1 })),
  ),
  {
    name: 'the date of this device is a year ahead',
    sees: { problem: 'clock_wrong' },
    async tell({ world, bo }) {
      const clock = { ...systemClock, now: () => Date.now() + yearMs };
      return world.keep(await bo.reload({ clock }));
    },
  },
  {
    name: 'another reach, and software encryption allowed',
    sees: { harmless: 'the browser has its own encryption, and reach is a hint for a form' },
    async tell(stage) {
      stage.proxy.lies = answering('sites.info', (info: object) => ({
        ...info,
        insecureAllowed: true,
        reach: 'site',
      }));
      const again = await stage.again();
      expect(again.client.snapshot.insecure).toBe(false);
      return again;
    },
  },
  {
    name: 'another site’s name',
    sees: { refused: 'server_error' },
    async tell({ world, proxy }) {
      const { server } = world;
      proxy.lies = answering('sites.info', (info: object) => ({ ...info, domain: 'evil.example' }));
      const handle = `named_${String(Date.now() % 1e9)}`;
      const options = { server, site: server.garden, serverUrl: proxy.url };
      await expect(claim(handle, options)).rejects.toMatchObject({
        problem: { code: 'server_error' },
      });
    },
  },
  {
    name: 'a challenge of another page, to be signed for it',
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      const lies = answering('accounts.challenge', (given: object) => ({
        ...given,
        origin: 'https://bank.example',
      }));
      const before = stage.proxy.asked.length;
      const again = await loggedOut(stage, lies);
      await until('it is told of', () => showed(again, 'answer_malformed'));
      const asked = stage.proxy.asked.slice(before).map(({ path }) => path);
      expect(asked).toContain('accounts.challenge');
      expect(asked).not.toContain('accounts.logIn');
      await honestAgain(stage, again);
      return again;
    },
  },
  {
    name: 'a challenge that another site gave',
    sees: { harmless: 'what is signed names this site, this page and this device' },
    async tell(stage) {
      const { site } = stage.bo;
      const nonce = new Uint8Array(32).fill(7);
      const lies = answering('accounts.challenge', (given: object) => ({
        ...given,
        challenge: nonce,
      }));
      const before = stage.proxy.asked.length;
      const again = await loggedOut(stage, lies);
      const logIn = () =>
        stage.proxy.asked.slice(before).find(({ path }) => path === 'accounts.logIn')?.input as
          { deviceId: string; proof: { signature: Uint8Array } } | undefined;
      await until('it logs in', () => logIn() !== undefined);
      const { identity } = (await again.store.get('meta', ['identity'])) as StoredIdentity;
      const { deviceId = '', proof } = logIn() ?? {};
      const signs = (...content: unknown[]) =>
        verify(
          identity.deviceKey.publicKey,
          encode(['parley log-in v1', ...content, nonce, deviceId]),
          proof?.signature ?? new Uint8Array(),
        );
      expect(await signs(site.key, site.origin)).toBe(true);
      expect(await signs(stage.world.server.bazaar.key, site.origin)).toBe(false);
      expect(await signs(site.key, 'https://bank.example')).toBe(false);
      return again;
    },
  },
  {
    name: 'a session of somebody else',
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      const lies = answering('accounts.logIn', (grant: object) => ({
        ...grant,
        address: '@mallory@shop.example',
      }));
      const again = await loggedOut(stage, lies);
      await until('it is told of', () => showed(again, 'answer_malformed'));
      return again;
    },
  },
  {
    name: 'a session that is over at once',
    sees: { harmless: 'the next connection logs in' },
    async tell(stage) {
      await loggedOut(
        stage,
        answering('accounts.logIn', (grant: object) => ({ ...grant, expiresAt: 1 })),
      );
      return stage.again();
    },
  },
  {
    name: 'heads without end',
    sees: { harmless: 'ten pages are asked for, and no more' },
    async tell(stage) {
      let first: object | undefined;
      stage.proxy.lies = answering('conversations.heads', (page: object) => {
        first ??= page;
        return { ...first, more: true };
      });
      const before = stage.proxy.asked.length;
      const again = await stage.again();
      await until('it is online', () => again.client.snapshot.connection === 'online');
      const pages = () =>
        stage.proxy.asked.slice(before).filter(({ path }) => path === 'conversations.heads').length;
      await until('it asked for pages', () => pages() >= 10);
      await again.say(stage.conversation, 'enough');
      await until('it goes on', async () =>
        (await stage.asha.texts(stage.conversation)).includes('enough'),
      );
      expect(pages()).toBe(10);
      return again;
    },
  },
  {
    name: 'acknowledgements and the stock of key packages are lied about',
    sees: { harmless: 'nothing is forgotten here, and what is made in a day is bounded' },
    async tell(stage) {
      stage.proxy.lies = {
        instead: ({ path }) => {
          if (path === 'conversations.acknowledge') return { error: 'forbidden' };
          return path === 'devices.stock'
            ? { data: { oneTime: 49, lastResort: false } }
            : undefined;
        },
      };
      return stage.again();
    },
  },
  {
    name: 'answers come twice, and to nobody',
    sees: { harmless: 'a number that nobody waits for is passed over' },
    async tell(stage) {
      stage.proxy.lies = { answer: (_question, data) => new Repeated([data, data, { seq: 1 }]) };
      const again = await stage.again();
      stage.proxy.invent(encode({ id: 9_999, result: { type: 'data', data: { revoked: true } } }));
      stage.proxy.invent(encode({ id: null, result: { type: 'data', data: null } }));
      return again;
    },
  },
  {
    name: 'an answer is a frame of junk',
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      stage.proxy.lies = answering('conversations.send', () => new Raw(utf8('junk')));
      await stage.bo.say(stage.conversation, 'answered by junk');
      await until('it is told of', () => showed(stage.bo, 'answer_malformed'));
      stage.proxy.lies = {};
      await stage.goesOn();
      expect(
        (await stage.asha.texts(stage.conversation)).filter((text) => text === 'answered by junk'),
      ).toHaveLength(1);
    },
  },
  saying('a frame of 2 MiB and one byte', () =>
    new Uint8Array(transportLimits.frameBytesMax + 1).fill(0x90),
  ),
  saying('a list of four thousand million', () => Uint8Array.of(0xdd, 255, 255, 255, 255)),
  saying('an answer without a number', () => encode({ result: { type: 'data', data: null } })),
  {
    name: 'an event of no kind that there is',
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      stage.proxy.invent({ type: 'advertisement' } as never);
      await until('it is told of', () => showed(stage.bo, 'answer_malformed'));
      await stage.goesOn();
    },
  },
  {
    name: 'over HTTP, an answer without end',
    sees: { problem: 'answer_malformed' },
    tell: (stage) => overHttp(stage, endless('sites.info', 'x'.repeat(65_536), 'application/json')),
  },
  {
    name: 'over HTTP, an event without end',
    sees: { problem: 'answer_malformed' },
    tell: (stage) =>
      overHttp(
        stage,
        endless('events.subscribe', `data: ${'x'.repeat(65_536)}`, 'text/event-stream'),
      ),
  },
  {
    name: 'this device is said to be revoked',
    sees: { problem: 'device_revoked' },
    async tell(stage) {
      stage.proxy.invent({ type: 'revoked' });
      await until('it is signed out', () => stage.bo.client.snapshot.phase === 'signed_out');
    },
  },
];
