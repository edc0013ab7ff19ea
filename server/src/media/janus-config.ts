/** The configuration of a Janus that the server runs itself: only the videoroom, only a WebSocket on loopback. */

export interface JanusSettings {
  apiSecret: string;
  port: number;
  /** UDP ports of media; Janus takes any free one when absent. */
  rtpPorts?: { from: number; to: number } | undefined;
  /** Interfaces or address prefixes to gather candidates on, such as `10.77.`; all when absent. */
  iceEnforceList?: string | undefined;
  /** The address by which the world reaches this machine behind a 1:1 NAT. */
  publicAddress?: string | undefined;
}

// Whatever else a distribution ships stays unloaded: less to attack, and no port but ours.
const plugins = [
  'audiobridge',
  'duktape',
  'echotest',
  'lua',
  'nosip',
  'recordplay',
  'sip',
  'streaming',
  'textroom',
  'videocall',
  'voicemail',
];
const transports = ['http', 'mqtt', 'nanomsg', 'pfunix', 'rabbitmq'];
const loggers = ['jsonlog'];
const eventHandlers = ['gelfevh', 'mqttevh', 'nanomsgevh', 'rabbitmqevh', 'sampleevh', 'wsevh'];

/** The files of Janus's configuration folder, by name. */
export function janusConfiguration(settings: JanusSettings): Record<string, string> {
  return {
    'janus.jcfg': section({
      general: {
        api_secret: settings.apiSecret,
        debug_level: 3,
        debug_colors: false,
        hide_dependencies: true,
        server_name: 'parley',
      },
      media:
        settings.rtpPorts === undefined
          ? {}
          : { rtp_port_range: `${String(settings.rtpPorts.from)}-${String(settings.rtpPorts.to)}` },
      nat: natOf(settings),
      plugins: { disable: libraries(plugins) },
      transports: { disable: libraries(transports) },
      loggers: { disable: libraries(loggers) },
      events: { broadcast: false, disable: libraries(eventHandlers) },
    }),
    'janus.transport.websockets.jcfg': section({
      general: {
        json: 'compact',
        ws: true,
        ws_port: settings.port,
        ws_ip: '127.0.0.1',
        wss: false,
      },
      admin: { admin_ws: false, admin_wss: false },
    }),
    'janus.plugin.videoroom.jcfg': section({ general: { events: false } }),
  };
}

function natOf({ iceEnforceList, publicAddress }: JanusSettings): Record<string, Value> {
  return {
    nice_debug: false,
    ...(iceEnforceList === undefined
      ? { ice_ignore_list: 'vmnet' }
      : { ice_enforce_list: iceEnforceList }),
    ...(publicAddress === undefined
      ? {}
      : { nat_1_1_mapping: publicAddress, keep_private_host: true }),
  };
}

function libraries(names: readonly string[]): string {
  return names.map((name) => `libjanus_${name}.so`).join(',');
}

type Value = string | number | boolean;

/** libconfig syntax, as Janus reads it. */
function section(groups: Record<string, Record<string, Value>>): string {
  return Object.entries(groups)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `\t${key} = ${literal(value)}`);
      return `${name}: {\n${lines.join('\n')}\n}\n`;
    })
    .join('');
}

/** @throws Error for text that would end the literal: such a value comes from a mistaken setting. */
function literal(value: Value): string {
  if (typeof value !== 'string') return String(value);
  if (/["\\\p{Cc}]/u.test(value))
    throw new Error('a Janus setting holds a quote, backslash or control character');
  return `"${value}"`;
}
