/** Debian and Ubuntu, as root: packages that Parley or its tests use are installed rather than asked for. */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../process/run.js';

/** Whether a program is on the PATH. */
export const onPath = (program, path = process.env.PATH ?? '') =>
  path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Whether we may and can use apt here. */
export function canInstall() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !onPath('apt-get')) return false;
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

const policyFile = '/usr/sbin/policy-rc.d';

/** Installs Debian packages without letting them start services: ours run as children, on ports of their own.
 * @returns whether they are installed now; what apt said otherwise goes to the terminal. */
export async function installDebianPackages(names, say) {
  say(`Installing ${names.join(', ')} (Debian packages)`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const ownPolicy = !existsSync(policyFile);
  if (ownPolicy) {
    writeFileSync(policyFile, '#!/bin/sh\nexit 101\n');
    chmodSync(policyFile, 0o755);
  }
  try {
    const install = ['install', '-y', '-q', '--no-install-recommends', ...names];
    // A list that is old names old versions, or some that are gone. Without a network it is all there is.
    await run('apt-get', ['update', '-q'], { quiet: true, seconds: 180, env });
    const result = await run('apt-get', install, { quiet: true, seconds: 600, env });
    if (result.code !== 0) process.stderr.write(result.output.slice(-2_000));
    return result.code === 0;
  } finally {
    if (ownPolicy) rmSync(policyFile, { force: true });
  }
}
