/** Says in one line when Node is too old, before anything fails in a stranger way. */

const needed = [20, 19];

/** Ends the process with one line unless Node is new enough. Must not use newer syntax than old Nodes have. */
export function checkNodeVersion(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return;
  process.stderr.write(
    `Parley needs Node ${needed.join('.')} or newer; this is Node ${version}. Install a newer one from https://nodejs.org.\n`,
  );
  process.exit(1);
}
