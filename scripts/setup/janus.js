/** Sees to it that calls can be made: a configured Janus, a `janus` program, or Debian's package. */
import { canInstall, installDebianPackages, onPath } from './debian.js';

const hints = {
  darwin: 'brew install janus-gateway',
  linux: "your distribution's janus package, such as: sudo apt-get install janus",
};

/** Says in one line what to do where there is none; the server then shows calls as unavailable. */
export async function provideJanus(say, environment = process.env) {
  const { JANUS_URLS, JANUS_PROGRAM = 'janus' } = environment;
  if (JANUS_URLS || JANUS_PROGRAM === 'off') return;
  if (JANUS_PROGRAM.includes('/') || onPath(JANUS_PROGRAM)) return;
  if (
    ['/opt/janus/bin', '/usr/local/bin', '/opt/homebrew/bin'].some((folder) =>
      onPath('janus', folder),
    )
  )
    return;
  if (canInstall() && (await installDebianPackages(['janus'], say))) return;
  const hint = hints[process.platform] ?? 'see https://janus.conf.meetecho.com';
  say(
    `Calls are unavailable, as there is no Janus here. To have them, install it (${hint}) or set JANUS_URLS.`,
  );
}
