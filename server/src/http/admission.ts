/** Who may talk to the server at all: a page of an origin on the list of the site that it names. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { Connection, type SessionWatcher } from '../connection.js';
import type { Services } from '../services.js';
import type { Site } from '../sites/service.js';

/** A site and the page's origin, checked against each other. */
export interface Admission {
  readonly site: Site;
  readonly origin: string;
}

/** Checks a request, or the request to upgrade. The key comes in `?site=` (a WebSocket of a browser cannot
 * carry headers) or in `x-parley-site`.
 * @throws ServerError `site_unknown`, `origin_refused` */
export async function admit(request: IncomingMessage, services: Services): Promise<Admission> {
  const header = request.headers['x-parley-site'];
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams.get('site');
  const key = query ?? (typeof header === 'string' ? header : null);
  const origin = request.headers.origin ?? null;
  const site = await services.sites.admit(key, origin);
  return { site, origin: origin ?? '' };
}

const tokenSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** A session token as clients send it, in base64url; `null` for none, or what is none. */
export function parseToken(text: unknown): Uint8Array | null {
  const parsed = tokenSchema.safeParse(text);
  return parsed.success ? new Uint8Array(Buffer.from(parsed.data, 'base64url')) : null;
}

/** Makes the connection of one HTTP request and signs it in if it brings a good token. */
export async function connect(
  { site, origin }: Admission,
  options: {
    services: Services;
    ip: string;
    token: Uint8Array | null;
    place?: SessionWatcher | undefined;
  },
): Promise<Connection> {
  const { services, ip, token, place } = options;
  const connection = new Connection({ site, origin, ip, bus: services.bus, place });
  if (token !== null) await services.accounts.resume(connection, token);
  return connection;
}
