import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { iceServers } from './ice-servers.js';

const now = Date.UTC(2026, 0, 1);

it('names nothing when nothing is configured', () => {
  expect(iceServers({ stunUrls: [], turnUrls: [] }, now)).toEqual([]);
});

it('names STUN without credentials', () => {
  expect(iceServers({ stunUrls: ['stun:stun.test'], turnUrls: [] }, now)).toEqual([
    { urls: ['stun:stun.test'] },
  ]);
});

it('makes TURN credentials that the server can check and that expire', () => {
  const config = { stunUrls: [], turnUrls: ['turn:turn.test?transport=udp'], turnSecret: 'north' };
  const [turn] = iceServers(config, now);
  const [expiry, name] = turn?.username?.split(':') ?? [];
  expect(Number(expiry)).toBe(now / 1000 + 6 * 3600);
  expect(name).toMatch(/^[\w-]{12}$/);
  expect(turn?.credential).toBe(
    createHmac('sha1', 'north')
      .update(turn?.username ?? '')
      .digest('base64'),
  );
  expect(iceServers(config, now)[0]?.username).not.toBe(turn?.username);
});

it('names no TURN without its secret', () => {
  expect(iceServers({ stunUrls: [], turnUrls: ['turn:turn.test'] }, now)).toEqual([]);
});
