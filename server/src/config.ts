/** The service's configuration: the only reader of `process.env`.
 *
 * | variable | default | what it sets |
 * |---|---|---|
 * | `PARLEY_HOST` | `127.0.0.1` | address to listen on; `0.0.0.0` for every interface |
 * | `PARLEY_PORT` | `4000` | port to listen on; `0` picks a free one |
 * | `PARLEY_PUBLIC_URL` | `http://localhost:PORT` | where browsers reach this server; used in snippets |
 * | `PARLEY_DATA` | `data` | folder of the embedded database and of what the server generates |
 * | `DATABASE_URL` | none | `postgres://...`; without it SQLite in `PARLEY_DATA` serves |
 * | `PARLEY_LOG_LEVEL` | `info` | `silent`, `fatal`, `error`, `warn`, `info`, `debug` (see logging.ts) |
 * | `PARLEY_TRUST_PROXY` | `no` | `yes`: a reverse proxy in front sets `X-Forwarded-For` |
 * | `PARLEY_METRICS_TOKEN` | none | bearer token of `/metrics`; without it only this machine may read them, and nobody once `PARLEY_PUBLIC_URL` is public |
 * | `PARLEY_WIDGET` | `widget/dist/page` | folder of the built widget |
 * | `PARLEY_RATE_LIMITS` | `on` | `off` lifts the limits of rate-limits.ts; for load tests only |
 * | `JANUS_URLS` | none | comma-separated `ws://` addresses of Janus servers |
 * | `JANUS_API_SECRET` | none | the `api_secret` of those servers |
 * | `JANUS_PROGRAM` | `janus` | program started as a child when `JANUS_URLS` is empty; `off` starts none |
 * | `JANUS_RTP_PORTS` | `20000-20999` | UDP ports of the child's media |
 * | `JANUS_ICE_ADDRESSES` | none | comma-separated address prefixes that the child may offer, such as `10.77.` |
 * | `JANUS_NAT_1_1` | none | public address of a child behind a 1:1 NAT |
 * | `STUN_URLS` | none | comma-separated `stun:` addresses for browsers |
 * | `TURN_URLS` | none | comma-separated `turn:` or `turns:` addresses for browsers |
 * | `TURN_SECRET` | none | shared secret for short-lived TURN credentials; needed with `TURN_URLS` |
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { logLevels, type LogLevel } from './logging.js';

/** Everything that an operator may set. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Origin (scheme, host, port) under which browsers reach the server. */
  readonly publicUrl: string;
  /** Absolute path. */
  readonly dataFolder: string;
  readonly databaseUrl: string | undefined;
  readonly logLevel: LogLevel;
  readonly trustProxy: boolean;
  readonly metricsToken: string | undefined;
  /** Absolute path. */
  readonly widgetFolder: string;
  readonly rateLimits: boolean;
  readonly janusUrls: readonly string[];
  readonly janusApiSecret: string | undefined;
  /** `undefined`: start no child. */
  readonly janusProgram: string | undefined;
  readonly janusRtpPorts: { readonly from: number; readonly to: number };
  readonly janusIceAddresses: readonly string[];
  readonly janusNat11: string | undefined;
  readonly stunUrls: readonly string[];
  readonly turnUrls: readonly string[];
  readonly turnSecret: string | undefined;
}

/** A variable that cannot be used; the message is one line for the operator and never quotes a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const repositoryFolder = fileURLToPath(new URL('../../', import.meta.url));

const optional = z.string().min(1).optional();
const list = (schemes: readonly string[]) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .transform((parts) => parts.filter((part) => part !== ''))
    .refine((parts) => parts.every((part) => schemes.some((scheme) => part.startsWith(scheme))), {
      message: `expected a comma-separated list of ${schemes.join(' or ')} addresses`,
    });
const portNumber = (min: number) =>
  z.coerce.number({ message: 'expected a port number' }).int().min(min).max(65_535);

const environmentSchema = z.object({
  PARLEY_HOST: z.string().min(1).default('127.0.0.1'),
  PARLEY_PORT: portNumber(0).default(4000),
  PARLEY_PUBLIC_URL: z.url({ protocol: /^https?$/, message: 'expected an http(s) URL' }).optional(),
  PARLEY_DATA: z.string().min(1).default('data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, { message: 'expected postgres://...' })
    .optional(),
  PARLEY_LOG_LEVEL: z.enum(logLevels).default('info'),
  PARLEY_TRUST_PROXY: z.enum(['yes', 'no']).default('no'),
  PARLEY_METRICS_TOKEN: optional,
  PARLEY_WIDGET: z.string().min(1).default('widget/dist/page'),
  PARLEY_RATE_LIMITS: z.enum(['on', 'off']).default('on'),
  JANUS_URLS: list(['ws://', 'wss://']),
  JANUS_API_SECRET: optional,
  JANUS_PROGRAM: z.string().min(1).default('janus'),
  JANUS_RTP_PORTS: z
    .string()
    .regex(/^\d{2,5}-\d{2,5}$/, { message: 'expected FROM-TO' })
    .default('20000-20999'),
  JANUS_ICE_ADDRESSES: list(['']),
  JANUS_NAT_1_1: optional,
  STUN_URLS: list(['stun:', 'stuns:']),
  TURN_URLS: list(['turn:', 'turns:']),
  TURN_SECRET: optional,
});
type Environment = z.infer<typeof environmentSchema>;

/** Reads the configuration from environment variables; an empty variable counts as absent.
 * @throws ConfigError naming the first variable that cannot be used. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const present = Object.entries(environment).filter(([, value]) => value !== '');
  const parsed = environmentSchema.safeParse(Object.fromEntries(present));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.path.join('.') ?? 'environment';
    throw new ConfigError(`${name} cannot be used: ${issue?.message ?? 'invalid'}`);
  }
  return toConfig(parsed.data);
}

function toConfig(env: Environment): Config {
  if (env.TURN_URLS.length > 0 && env.TURN_SECRET === undefined) {
    throw new ConfigError('TURN_SECRET is missing: TURN_URLS needs it for short-lived credentials');
  }
  return {
    host: env.PARLEY_HOST,
    port: env.PARLEY_PORT,
    publicUrl: new URL(env.PARLEY_PUBLIC_URL ?? `http://localhost:${String(env.PARLEY_PORT)}`)
      .origin,
    dataFolder: resolve(repositoryFolder, env.PARLEY_DATA),
    databaseUrl: env.DATABASE_URL,
    logLevel: env.PARLEY_LOG_LEVEL,
    trustProxy: env.PARLEY_TRUST_PROXY === 'yes',
    metricsToken: env.PARLEY_METRICS_TOKEN,
    widgetFolder: resolve(repositoryFolder, env.PARLEY_WIDGET),
    rateLimits: env.PARLEY_RATE_LIMITS === 'on',
    janusUrls: env.JANUS_URLS,
    janusApiSecret: env.JANUS_API_SECRET,
    janusProgram: env.JANUS_PROGRAM === 'off' ? undefined : env.JANUS_PROGRAM,
    janusRtpPorts: portRange(env.JANUS_RTP_PORTS),
    janusIceAddresses: env.JANUS_ICE_ADDRESSES,
    janusNat11: env.JANUS_NAT_1_1,
    stunUrls: env.STUN_URLS,
    turnUrls: env.TURN_URLS,
    turnSecret: env.TURN_SECRET,
  };
}

function portRange(text: string): { from: number; to: number } {
  const [from = 0, to = 0] = text.split('-').map(Number);
  if (from < 1024 || to > 65_535 || to - from < 9) {
    throw new ConfigError(
      'JANUS_RTP_PORTS cannot be used: at least ten ports between 1024 and 65535',
    );
  }
  return { from, to };
}
