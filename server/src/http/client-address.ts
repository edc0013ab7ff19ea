/** Who is counted as one client by the rate limits. */
import { isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** The client's address; behind a trusted proxy the last one that the proxy has added. */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
  const list = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
  const address = list?.split(',').at(-1)?.trim() ?? request.socket.remoteAddress ?? 'unknown';
  return countedAs(address);
}

/** One household has a whole /64 of IPv6; an IPv4 address may come mapped into IPv6. */
export function countedAs(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter((group) => group !== '');
  const right = tail?.split(':').filter((group) => group !== '') ?? [];
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
