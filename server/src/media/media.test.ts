/** The pool and its rooms, against real Janus processes. Frames are shown to flow in test/calls.test.ts. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readableLog } from '../../test/log-lines.js';
import type { CallId, DeviceId } from '../ids.js';
import { createLogger } from '../logging.js';
import type { Media, Room, RoomEvent } from './contract.js';
import { restartWhenHung } from './hung-janus.js';
import { JanusConnection } from './janus-connection.js';
import { JanusProcess, findJanus } from './janus-process.js';
import { JanusRooms } from './janus-rooms.js';
import { createMedia } from './media.js';
import { storedRoomKey } from './room-key.js';
import { offer } from './test/offer.js';

const program = findJanus('janus');
const logger = createLogger('silent');
const callId = () => randomBytes(16).toString('base64url') as CallId;
const device = () => randomBytes(16).toString('base64url') as DeviceId;
const code = (value: string) => expect.objectContaining({ code: value }) as Error;

async function until(condition: () => boolean | Promise<boolean>, ms = 30_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The process id of Janus itself, the keeper's child. */
function janusPid(janus: JanusProcess): number {
  const children = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  for (const line of children.split('\n')) {
    const [pid, parent, command = ''] = line.trim().split(/\s+/);
    if (Number(parent) === janus.pid && command.endsWith('janus')) return Number(pid);
  }
  throw new Error('no Janus runs');
}

describe.skipIf(program === null)('with a Janus of its own', () => {
  let janus: JanusProcess;
  let media: Media;
  /** A look at the same Janus from outside. */
  let outside: JanusConnection;

  beforeAll(async () => {
    janus = await JanusProcess.start({ program: program ?? '', logger });
    const { apiSecret } = janus;
    media = createMedia({ urls: [() => janus.url], apiSecret, logger });
    outside = new JanusConnection({ url: () => janus.url, apiSecret, logger });
    await until(() => media.available && outside.session !== null);
  });
  afterAll(async () => {
    await outside.close();
    await media.close();
    await janus.stop();
  });

  async function roomIds(): Promise<number[]> {
    const handle = await outside.session?.attach();
    const { list } = (await handle?.list()) ?? { list: [] };
    await handle?.detach();
    return list.map(({ room }) => room);
  }
  const newRooms = () =>
    new JanusRooms(outside, {
      roomKey: Buffer.from(janus.apiSecret),
      participantsMax: 4,
      videoBitrateMax: 1_000_000,
      logger,
    });

  it('answers an offer, without the loudness that would travel in the clear', async () => {
    const room = await media.openRoom(callId());
    const participant = await room.join(device(), () => undefined);
    const answer = await participant.publish(offer);
    expect(answer).toMatch(/^v=0/);
    expect(answer).toMatch(/a=rtpmap:\d+ opus/);
    expect(answer).toMatch(/a=rtpmap:\d+ VP8/);
    expect(answer).not.toContain('ssrc-audio-level');
    await participant.candidate('publish', {
      candidate: 'candidate:1 1 udp 2122260223 192.0.2.77 50018 typ host',
      sdpMid: '0',
      sdpMLineIndex: 0,
    });
    await participant.candidate('publish', null);
    await room.destroy();
  });

  it('refuses what is not SDP, an answer to nothing, and a bad candidate; the room goes on', async () => {
    const room = await media.openRoom(callId());
    const participant = await room.join(device(), () => undefined);
    await expect(participant.publish('hello')).rejects.toEqual(code('sdp_invalid'));
    await expect(participant.publish(offer.replace('a=mid:0', 'a=mid'))).rejects.toEqual(
      code('sdp_invalid'),
    );
    await expect(participant.answer(offer)).rejects.toEqual(code('sdp_invalid'));
    const bad = { candidate: 'nonsense', sdpMid: '0', sdpMLineIndex: 0 };
    await expect(participant.candidate('publish', bad)).rejects.toEqual(code('sdp_invalid'));
    await expect(participant.publish(offer)).resolves.toMatch(/^v=0/);
    await room.destroy();
  });

  it('lets nobody in without the pin, nor publish without end-to-end encryption', async () => {
    const rooms = newRooms();
    const { id: room, pin, ...keys } = await rooms.create();
    const handle = await outside.session?.attach();
    await expect(handle?.joinPublisher({ room, feed: 1, pin: 'guess' })).rejects.toThrow(/433/);
    await handle?.joinPublisher({ room, feed: 1, pin });
    const jsep = { type: 'offer' as const, sdp: offer };
    await expect(handle?.message({ request: 'publish' }, jsep)).rejects.toThrow(/encrypt/i);
    await handle?.detach();
    await rooms.destroy({ id: room, pin, ...keys });
    rooms.close();
  });

  it('destroys a room with its call', async () => {
    const before = await roomIds();
    const room = await media.openRoom(callId());
    const participant = await room.join(device(), () => undefined);
    expect(await roomIds()).toHaveLength(before.length + 1);
    await room.destroy();
    expect(await roomIds()).toEqual(before);
    await expect(room.join(device(), () => undefined)).rejects.toEqual(code('media_unavailable'));
    await expect(participant.publish(offer)).rejects.toEqual(code('media_unavailable'));
  });

  it('sweeps what an earlier run left, but nothing that is used or fresh', async () => {
    const earlier = newRooms();
    const stale = await earlier.create();
    const used = await earlier.create();
    const handle = await outside.session?.attach();
    await handle?.joinPublisher({ room: used.id, feed: 1, pin: used.pin });
    earlier.close();
    const later = newRooms();
    const own = await later.create();
    await later.sweep();
    expect(await roomIds()).toEqual(expect.arrayContaining([stale.id, used.id, own.id]));
    await later.sweep();
    const left = await roomIds();
    expect(left).not.toContain(stale.id);
    expect(left).toEqual(expect.arrayContaining([used.id, own.id]));
    await handle?.detach();
    for (const keys of [used, own]) await later.destroy(keys);
    later.close();
  });

  it('tells everyone when Janus dies, and goes on with the one that is started anew', async () => {
    const room = await media.openRoom(callId());
    const heard: RoomEvent[] = [];
    const participant = await room.join(device(), (event) => heard.push(event));
    await participant.publish(offer);
    const seen: boolean[] = [];
    const done = new AbortController();
    media.onAvailability((available) => seen.push(available), done.signal);
    process.kill(janusPid(janus), 'SIGKILL');
    await until(() => seen.length >= 2);
    expect(seen.slice(0, 2)).toEqual([false, true]);
    expect(heard).toEqual([{ event: 'lost' }]);
    await expect(participant.publish(offer)).rejects.toEqual(code('media_unavailable'));
    await room.destroy();
    done.abort();
    const next = await media.openRoom(callId());
    const again = await next.join(device(), () => undefined);
    await expect(again.publish(offer)).resolves.toMatch(/^v=0/);
    await next.destroy();
    await until(() => outside.session !== null);
  });
});

describe.skipIf(program === null)('a Janus', () => {
  it('that hangs is noticed, ended and started again; a room takes no more than it may', async () => {
    const janus = await JanusProcess.start({ program: program ?? '', logger, startMs: 5_000 });
    const { apiSecret } = janus;
    const options = { apiSecret, logger, probeMs: 2_000, participantsMax: 2 };
    const media = createMedia({ urls: [() => janus.url], ...options });
    const over = new AbortController();
    restartWhenHung({ media, janus, hungMs: 500 }, over.signal);
    await until(() => media.available);
    await fill(await media.openRoom(callId()));
    const heard: RoomEvent[] = [];
    const room = await media.openRoom(callId());
    await room.join(device(), (event) => heard.push(event));
    const pid = janusPid(janus);
    process.kill(pid, 'SIGSTOP');
    await until(() => !media.available);
    expect(heard).toEqual([{ event: 'lost' }]);
    await until(() => media.available, 60_000);
    expect(janusPid(janus)).not.toBe(pid);
    await room.destroy();
    over.abort();
    await media.close();
    await janus.stop();
  }, 150_000);

  /** Below, at and above what a room for two may hold. */
  async function fill(room: Room): Promise<void> {
    const join = () => room.join(device(), () => undefined);
    const [first] = await Promise.all([join(), join()]);
    await expect(join()).rejects.toEqual(code('media_unavailable'));
    await first.leave();
    await expect((await join()).publish(offer)).resolves.toMatch(/^v=0/);
    await room.destroy();
  }

  it('without a secret is swept by the next run of the same server', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-room-key-'));
    const roomKey = await storedRoomKey(folder);
    expect(await storedRoomKey(folder)).toEqual(Buffer.from(roomKey));
    expect((await stat(join(folder, 'janus-rooms.key'))).mode & 0o077).toBe(0);
    await writeFile(join(folder, 'janus-rooms.key'), 'cut short');
    expect(await storedRoomKey(folder)).toHaveLength(32);
    await rm(folder, { recursive: true });
  });
});

describe.skipIf(program === null)('a pool of two', () => {
  it('spreads rooms, and serves from the one that is left', { timeout: 90_000 }, async () => {
    const options = { program: program ?? '', logger, apiSecret: 'shared' };
    const [one, other] = await Promise.all([
      JanusProcess.start(options),
      JanusProcess.start(options),
    ]);
    const log = readableLog();
    const media = createMedia({
      urls: [() => one.url, () => other.url],
      apiSecret: 'shared',
      logger: log.logger,
    });
    const looks = [one, other].map(
      ({ url }) => new JanusConnection({ url: () => url, apiSecret: 'shared', logger }),
    );
    await until(() => looks.every(({ session }) => session !== null));
    // It is available with the first of them.
    await until(() => {
      const connected = log.named('Janus is connected').map(({ janus }) => janus);
      return [one, other].every(({ url }) => connected.includes(url));
    });
    const rooms = [await media.openRoom(callId()), await media.openRoom(callId())];
    for (const look of looks) {
      const handle = await look.session?.attach();
      expect((await handle?.list())?.list).toHaveLength(1);
    }
    await Promise.all(looks.map((look) => look.close()));
    await one.stop();
    await until(async () =>
      (await Promise.allSettled(rooms.map((room) => room.join(device(), () => undefined)))).some(
        ({ status }) => status === 'rejected',
      ),
    );
    expect(media.available).toBe(true);
    const third = await media.openRoom(callId());
    await expect(third.join(device(), () => undefined)).resolves.toBeDefined();
    await Promise.all([...rooms, third].map((room) => room.destroy()));
    await media.close();
    await other.stop();
  });
});

describe('without any Janus', () => {
  it('is not available, and says so to whoever asks for a room', async () => {
    const media = createMedia({ urls: ['ws://127.0.0.1:9'], logger });
    expect(media.available).toBe(false);
    await expect(media.openRoom(callId())).rejects.toEqual(code('media_unavailable'));
    await media.close();
  });
});
