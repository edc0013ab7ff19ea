import { expect, it } from 'vitest';
import { janusConfiguration } from './janus-config.js';

const settings = { apiSecret: 'salt', port: 8188 };

it('opens one door, on loopback, with a secret', () => {
  const files = janusConfiguration(settings);
  expect(files['janus.jcfg']).toContain('api_secret = "salt"');
  expect(files['janus.jcfg']).toMatch(/disable = "[^"]*libjanus_http\.so/);
  expect(files['janus.transport.websockets.jcfg']).toMatch(
    /ws_port = 8188\n\s+ws_ip = "127\.0\.0\.1"/,
  );
});

it('says where media may go', () => {
  const text = janusConfiguration({
    ...settings,
    rtpPorts: { from: 20_000, to: 20_999 },
    iceEnforceList: '10.77.',
    publicAddress: '203.0.113.7',
  })['janus.jcfg'];
  expect(text).toContain('rtp_port_range = "20000-20999"');
  expect(text).toContain('ice_enforce_list = "10.77."');
  expect(text).toContain('nat_1_1_mapping = "203.0.113.7"');
});

it.each(['a"; api_secret = "', 'a\\', 'a\nb'])(
  'takes no value that ends its literal: %j',
  (iceEnforceList) => {
    expect(() => janusConfiguration({ ...settings, iceEnforceList })).toThrow(
      /quote, backslash or control/,
    );
  },
);
