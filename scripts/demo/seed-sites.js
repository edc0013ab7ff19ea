/** Makes the demo's two sites by the operator's own command; again and again with the same result. */
import { join } from 'node:path';
import { run } from '../process/run.js';
import { SetupError } from '../setup/failure.js';
import { root } from '../setup/folders.js';

const command = join(root, 'server/dist/sites/command.js');

/** @returns site keys by domain. @throws SetupError with what the command said. */
export async function seedSites(sites, env) {
  const keys = {};
  for (const { domain, port } of sites) {
    const args = [
      'create',
      '--domain',
      domain,
      '--origin',
      `http://${domain}:${port}`,
      '--reach',
      'network',
    ];
    const { code, output } = await run(process.execPath, [command, ...args], {
      env,
      quiet: true,
      seconds: 60,
    });
    const key = /pk_[A-Za-z0-9_-]{22}/.exec(output)?.[0];
    if (code !== 0 || key === undefined)
      throw new SetupError(
        output.trim().split('\n').at(-1) || `The site ${domain} cannot be made.`,
      );
    keys[domain] = key;
  }
  return keys;
}
