/** Parley with two sites, until somebody ends it. */
import { resolve } from 'node:path';
import { startDemoSite } from '../demo-sites.js';
import { SetupError } from '../setup/failure.js';
import { root } from '../setup/folders.js';
import { ServerChild } from './server-child.js';
import { checkPorts, readSettings } from './settings.js';
import { seedSites } from './seed-sites.js';

/** The demo's sites: a domain and an origin each, neither the server's. */
const sitesOf = ({ PARLEY_SHOP_PORT, PARLEY_BAZAAR_PORT }) => [
  { page: 'shop', domain: 'shop.localhost', port: PARLEY_SHOP_PORT },
  { page: 'bazaar', domain: 'bazaar.localhost', port: PARLEY_BAZAAR_PORT },
];

const welcome = (sites, { publicUrl, dataFolder }, calls) => `
Parley is running.

${sites.map(({ domain, port }) => `  http://${domain}:${port}`).join('\n')}

Open one page in one browser profile and the other in another (a private window will do), choose a
handle on each, and write across: @handle@${sites[1].domain}

  Server  ${publicUrl}   Calls  ${calls ? 'available' : 'unavailable (no Janus)'}
  Data    ${resolve(root, dataFolder)}   Log  server.log in it

Ctrl-C stops everything.
`;

/** Whether Janus is up: a child takes a moment. */
async function callsWork(url) {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const state = await fetch(`${url}/readyz`)
      .then((answer) => answer.json())
      .catch(() => ({}));
    if (state.janus === 'ok') return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}

function signalled() {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => done(signal));
  });
}

/** Starts all, says where it is, and stays until a signal or the server's end. */
export async function startDemo(say) {
  const settings = readSettings();
  await checkPorts(settings);
  const stop = signalled();
  const env = { PARLEY_PORT: String(settings.ports.PARLEY_PORT) };
  const sites = sitesOf(settings.ports);
  const keys = await seedSites(sites, env);
  const server = new ServerChild(env, resolve(root, settings.dataFolder));
  const open = [];
  try {
    const local = `http://${settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host}:${env.PARLEY_PORT}`;
    const ended = server.exit.then(() => 'ended');
    if ((await Promise.race([server.ready(local), stop])) === undefined) {
      for (const site of sites)
        open.push(
          await startDemoSite({ ...site, server: settings.publicUrl, siteKey: keys[site.domain] }),
        );
      say(welcome(sites, settings, await callsWork(local)));
    }
    if ((await Promise.race([stop, ended])) === 'ended')
      throw new SetupError(
        `The server ended by itself; its log in ${settings.dataFolder} says why.`,
      );
    say('\nStopping.');
  } finally {
    await Promise.all(open.map((site) => site.close()));
    await server.stop();
  }
  process.exit(0);
}
