/** Two little sites that embed Parley, on origins of their own, under the strictest policy that Parley works with. */
import { createServer } from 'node:http';
import { bazaar } from './demo/pages/bazaar.js';
import { documentOf, icon, layout } from './demo/pages/frame.js';
import { shop } from './demo/pages/shop.js';

const pages = { shop, bazaar };

/** The policy that README gives to site owners; `lit-html` is the policy of the template engine. */
export function contentSecurityPolicy(server) {
  const socket = server.replace(/^http/, 'ws');
  return [
    "default-src 'none'",
    `script-src ${server}`,
    `connect-src ${server} ${socket}`,
    `worker-src blob: ${server}`,
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types parley lit-html',
  ].join('; ');
}

/** Attributes that a test or a curious person may set by the address: `?theme=dark&to=@ada`. */
const settable = ['theme', 'to', 'lang', 'open'];

function answer(request, { page, server, siteKey }) {
  const url = new URL(request.url ?? '/', 'http://demo');
  if (url.pathname === '/style.css') return ['text/css', layout + page.style];
  if (url.pathname === '/icon.svg') return ['image/svg+xml', icon('#2f6f73')];
  if (url.pathname !== '/') return null;
  const attributes = Object.fromEntries(
    settable.flatMap((name) =>
      url.searchParams.has(name) ? [[name, url.searchParams.get(name)]] : [],
    ),
  );
  const lang = attributes.lang ?? 'en';
  return ['text/html', documentOf(page, { server, siteKey, lang, attributes })];
}

/** Starts one site.
 * @param site `{ page: 'shop' | 'bazaar', server: origin of Parley, siteKey, port (0: any), host (default 127.0.0.1) }`
 * @returns `{ port, close }` */
export function startDemoSite({ page, server, siteKey, port, host = '127.0.0.1' }) {
  const options = { page: pages[page], server, siteKey };
  const listener = createServer((request, response) => {
    const found = answer(request, options);
    if (found === null) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Nothing here\n');
      return;
    }
    const [type, body] = found;
    response
      .writeHead(200, {
        'content-type': `${type}; charset=utf-8`,
        'content-security-policy': contentSecurityPolicy(server),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'strict-origin-when-cross-origin',
        'permissions-policy': 'camera=(self), microphone=(self)',
        'cache-control': 'no-store',
      })
      .end(body);
  });
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, host, () => {
      resolve({
        port: listener.address().port,
        close: () =>
          new Promise((done) => {
            listener.close(done);
            listener.closeAllConnections();
          }),
      });
    });
  });
}
