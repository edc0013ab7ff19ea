/** A call between two real browsers through the calls service and a real Janus.
 *
 * Janus offers no loopback addresses, so this runs in a network of its own where one can be made: the outer run
 * starts itself again inside. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { findChromium } from '../../scripts/browser.js';
import { canMakeNamespace } from '../../scripts/namespace.js';
import type { Party } from '../src/calls/call-state.js';
import { createCallsService, type CallsService } from '../src/calls/service.js';
import type { AccountId, Address, CallId, ConversationId, DeviceId } from '../src/ids.js';
import { createLogger } from '../src/logging.js';
import type { Media } from '../src/media/contract.js';
import { findJanus } from '../src/media/janus-process.js';
import { createManagedMedia } from '../src/media/managed-media.js';
import { createInProcessBus } from '../src/realtime/in-process.js';
import { launchBrowser, Person, servePage } from './call-people.js';

const iceAddresses = process.env['PARLEY_TEST_ICE_ADDRESSES'];
const isInside = iceAddresses !== undefined;
const missing = findJanus('janus') === null ? 'Janus' : findChromium() === null ? 'Chromium' : null;

const id = () => randomBytes(16).toString('base64url');
const sharedSecret = (): [Buffer, Buffer] => {
  const secret = randomBytes(32);
  return [secret, secret];
};
const party = (handle: string): Party => ({
  accountId: id() as AccountId,
  address: `@${handle}@bazaar.localhost` as Address,
  deviceId: id() as DeviceId,
});

describe.runIf(missing === null && canMakeNamespace() && !isInside)(
  'calls, in a network of their own',
  () => {
    it('hold', { timeout: 400_000 }, async () => {
      const root = fileURLToPath(new URL('../../', import.meta.url));
      const again = [
        'scripts/namespace.js',
        process.execPath,
        'node_modules/vitest/vitest.mjs',
        'run',
        'server/test/calls.test.ts',
      ];
      const child = spawn(process.execPath, again, {
        cwd: root,
        env: { ...process.env, VITEST: undefined },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => (output += String(chunk)));
      const code = await new Promise((resolve) => child.once('exit', resolve));
      expect(code, output).toBe(0);
    });
  },
);

const without = missing === null ? '' : ` (skipped: ${missing} is not here)`;

describe.skipIf(missing !== null || (canMakeNamespace() && !isInside))(
  `two people${without}`,
  { timeout: 120_000 },
  () => {
    const conversationId = id() as ConversationId;
    const asha = party('asha');
    const bilal = party('bilal');
    const logger = createLogger('silent');
    let media: Media;
    let page: { server: Server; url: string };
    let browser: Browser;
    let calls: CallsService;
    let caller: Person;
    let callee: Person;
    let count = 0;

    beforeAll(async () => {
      media = await createManagedMedia(
        { janusUrls: [], janusProgram: 'janus', janusIceAddresses: isInside ? [iceAddresses] : [] },
        logger,
      );
      // It goes on without a Janus that takes long to start.
      await vi.waitUntil(() => media.available, { timeout: 60_000 });
      page = await servePage();
      browser = await launchBrowser();
    });
    afterAll(async () => {
      await browser.close();
      page.server.close();
      await media.close();
    });
    beforeEach(async () => {
      const bus = createInProcessBus();
      calls = createCallsService({
        media,
        bus,
        logger,
        ice: { stunUrls: [], turnUrls: [] },
        directory: {
          membersOf: (conversation) =>
            Promise.resolve(conversation === conversationId ? [asha, bilal] : []),
          devicesOfAccounts: (accounts) =>
            Promise.resolve([asha, bilal].filter(({ accountId }) => accounts.includes(accountId))),
        },
        onCount: (calls) => (count = calls),
      });
      const at = { url: page.url, calls, bus };
      [caller, callee] = await Promise.all([
        Person.arrive(browser, { ...at, party: asha }),
        Person.arrive(browser, { ...at, party: bilal }),
      ]);
    });
    afterEach(async () => {
      await Promise.all([caller.leave(), callee.leave()]);
      await calls.close();
    });

    async function connect(video: boolean, secrets = sharedSecret()): Promise<CallId> {
      const callId = id() as CallId;
      await calls.start(asha, { callId, conversationId, video });
      await callee.until('ringing', () => callee.events.some(({ event }) => event === 'ringing'));
      const devices = [asha.deviceId, bilal.deviceId];
      const media = (index: 0 | 1) => ({ video, keys: { secret: secrets[index], devices } });
      await Promise.all([
        caller.publish(callId, media(0)),
        callee.publish(callId, media(1), (sdp) => calls.answer(bilal, callId, sdp)),
      ]);
      return callId;
    }

    it('see and hear each other, and hanging up frees the room and the devices', async () => {
      const callId = await connect(true);
      for (const person of [caller, callee]) {
        await person.until('sound and picture', () => person.hears({ audio: true, video: true }));
        // The first frame was opened; a moment later it is painted.
        await person.until('a picture', async () => {
          const { width, colours } = await person.ask<{ width: number; colours: number }>(
            'picture',
          );
          return width > 100 && colours > 10;
        });
      }
      expect(caller.events.map(({ event }) => event)).toContain('answered');
      calls.hangUp(asha, callId);
      await callee.until('the end', () => callee.events.some(({ event }) => event === 'ended'));
      expect(callee.events.at(-1)).toMatchObject({ event: 'ended', reason: 'hung_up' });
      expect(count).toBe(0);
      await callee.ask('close');
      expect(await callee.ask('localTracks')).toEqual([]);
      await expect(calls.publish(asha, callId, 'v=0')).rejects.toMatchObject({
        code: 'call_ended',
      });
    });

    it('have a way for the answer before anybody answers, and nothing comes by it', async () => {
      const callId = id() as CallId;
      const devices = [asha.deviceId, bilal.deviceId];
      const [secret] = sharedSecret();
      await calls.start(asha, { callId, conversationId, video: true });
      await caller.publish(callId, { video: true, keys: { secret, devices } });
      await caller.until('a way', async () => (await caller.receiving()).includes('connected'));
      await expect.poll(() => caller.ask('remoteTracks')).toEqual([]);
      await callee.publish(callId, { video: true, keys: { secret, devices } }, (sdp) =>
        calls.answer(bilal, callId, sdp),
      );
      for (const person of [caller, callee])
        await person.until('sound and picture', () => person.hears({ audio: true, video: true }));
      // The same way: no other was made.
      const made = (await caller.receiving()).filter((state) => state === 'connecting');
      expect(made).toHaveLength(1);
    });

    it('get nothing from frames of another key', async () => {
      await connect(true, [randomBytes(32), randomBytes(32)]);
      await caller.until('connected', async () => (await caller.receiving()).includes('connected'));
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect(
        (await caller.ask<{ event: string }[]>('events')).filter(({ event }) => event === 'remote'),
      ).toEqual([]);
      expect(await caller.ask('picture')).toMatchObject({ width: 0 });
    });

    it('turn a camera on in a voice call, and off again', async () => {
      await connect(false);
      await caller.until('sound', () => caller.hears({ audio: true, video: false }));
      expect(await callee.ask('setCamera', true)).toBeNull();
      expect(await callee.ask('localTracks')).toEqual([{ kind: 'video', readyState: 'live' }]);
      await caller.until('picture', () => caller.hears({ audio: true, video: true }));
      expect(await callee.ask('setCamera', false)).toBeNull();
      expect(await callee.ask('localTracks')).toEqual([]);
      await caller.until('no picture', () => caller.hears({ audio: true, video: false }));
    });

    it('are still heard while muted: silence looks like speech on the way', async () => {
      await connect(false);
      await caller.until('sound', () => caller.hears({ audio: true, video: false }));
      await callee.ask('setMicrophone', false);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await caller.until('sound still', () => caller.hears({ audio: true, video: false }));
    });

    it('find each other again with a new offer', async () => {
      const callId = await connect(true);
      await caller.until('sound and picture', () => caller.hears({ audio: true, video: true }));
      const answer = await calls.publish(asha, callId, await caller.ask<string>('offer'));
      await caller.ask('acceptAnswer', answer);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      for (const person of [caller, callee])
        await person.until('all still', () => person.hears({ audio: true, video: true }));
    });
  },
);
