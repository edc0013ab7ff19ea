/** `node scripts/namespace.js PROGRAM ARGS...`: runs it in a network of its own, where that can be made.
 *
 * Janus offers no loopback addresses, so calls on one machine need another interface. As root on Linux an
 * unnamed network namespace with a veth pair is that; it goes away with its last process, and nothing in it
 * can reach any other network. Elsewhere the program runs as it is, on the machine's own interfaces. */
import { spawn } from 'node:child_process';
import { onPath } from './setup/debian.js';

const address = '10.77.0.1';

const prepare = [
  'ip link set lo up',
  'ip link add parley0 type veth peer name parley1',
  `ip address add ${address}/24 dev parley0`,
  'ip link set parley0 up',
  'ip link set parley1 up',
  // Firefox finds no candidates without a default route.
  'ip route add default dev parley0',
].join(' && ');

/** Whether this process may make a namespace. */
export const canMakeNamespace = () =>
  process.platform === 'linux' && process.getuid?.() === 0 && onPath('unshare') && onPath('ip');

/** The command line that runs `command` inside, and what it has to know of its network. */
export function insideNamespace(command) {
  if (!canMakeNamespace()) return { command, env: {} };
  return {
    command: ['unshare', '--net', 'sh', '-c', `${prepare} && exec "$@"`, 'sh', ...command],
    env: { PARLEY_TEST_ICE_ADDRESSES: '10.77.' },
  };
}

if (process.argv[1] === import.meta.filename) {
  const { command, env } = insideNamespace(process.argv.slice(2));
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(127);
  });
}
