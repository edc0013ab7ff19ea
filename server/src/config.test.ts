import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.js';

const refusal = (environment: NodeJS.ProcessEnv): string => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

describe('the configuration', () => {
  test('works with nothing set', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      publicUrl: 'http://localhost:4000',
    });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.janusUrls).toEqual([]);
    expect(config.rateLimits).toBe(true);
  });

  test('takes an empty variable as an absent one', () => {
    expect(readConfig({ PARLEY_PORT: '', DATABASE_URL: '', TURN_URLS: '' }).port).toBe(4000);
  });

  test('reads lists, origins and ranges', () => {
    const config = readConfig({
      PARLEY_PUBLIC_URL: 'https://chat.example/ignored',
      JANUS_URLS: 'ws://one:8188, wss://two:8989',
      JANUS_ICE_ADDRESSES: '10.77.,192.168.',
      JANUS_RTP_PORTS: '30000-30100',
      TURN_URLS: 'turn:turn.example:3478',
      TURN_SECRET: 'shared',
    });
    expect(config.publicUrl).toBe('https://chat.example');
    expect(config.janusUrls).toEqual(['ws://one:8188', 'wss://two:8989']);
    expect(config.janusIceAddresses).toEqual(['10.77.', '192.168.']);
    expect(config.janusRtpPorts).toEqual({ from: 30_000, to: 30_100 });
    expect(config.turnUrls).toEqual(['turn:turn.example:3478']);
  });

  test.each([
    ['PARLEY_PORT', { PARLEY_PORT: 'http' }],
    ['PARLEY_PORT', { PARLEY_PORT: '65536' }],
    ['PARLEY_PORT', { PARLEY_PORT: '-1' }],
    ['PARLEY_PORT', { PARLEY_PORT: '80.5' }],
    ['PARLEY_PUBLIC_URL', { PARLEY_PUBLIC_URL: 'ftp://chat.example' }],
    ['PARLEY_PUBLIC_URL', { PARLEY_PUBLIC_URL: 'chat.example' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://root@localhost/parley' }],
    ['PARLEY_LOG_LEVEL', { PARLEY_LOG_LEVEL: 'chatty' }],
    ['PARLEY_TRUST_PROXY', { PARLEY_TRUST_PROXY: 'true' }],
    ['JANUS_URLS', { JANUS_URLS: 'http://janus:8088' }],
    ['JANUS_RTP_PORTS', { JANUS_RTP_PORTS: '20000' }],
    ['JANUS_RTP_PORTS', { JANUS_RTP_PORTS: '20000-20001' }],
    ['JANUS_RTP_PORTS', { JANUS_RTP_PORTS: '80-100' }],
    ['TURN_URLS', { TURN_URLS: 'turn.example', TURN_SECRET: 'shared' }],
    ['TURN_SECRET', { TURN_URLS: 'turn:turn.example' }],
  ])('names %s in one line when it cannot be used', (name, environment) => {
    const message = refusal(environment);
    expect(message).toContain(name);
    expect(message).not.toContain('\n');
  });

  test('never repeats a secret', () => {
    expect(refusal({ DATABASE_URL: 'mysql://root:hunter2@localhost/parley' })).not.toContain(
      'hunter2',
    );
  });
});
