/** What `npm start` may be told, beyond what the server reads itself (server/src/config.ts).
 *
 * | variable | default | what it sets |
 * |---|---|---|
 * | `PARLEY_SHOP_PORT` | `4001` | port of the demo page shop.localhost |
 * | `PARLEY_BAZAAR_PORT` | `4002` | port of the demo page bazaar.localhost |
 */
import { createServer } from 'node:net';
import { SetupError } from '../setup/failure.js';

/** A port from the environment. @throws SetupError naming the variable. */
function portOf(name, usual, environment) {
  const text = environment[name] || String(usual);
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new SetupError(`${name} cannot be used: "${text}" is no port number from 1 to 65535.`);
  return port;
}

/** Reads ports and folder. @throws SetupError */
export function readSettings(environment = process.env) {
  const ports = {
    PARLEY_PORT: portOf('PARLEY_PORT', 4000, environment),
    PARLEY_SHOP_PORT: portOf('PARLEY_SHOP_PORT', 4001, environment),
    PARLEY_BAZAAR_PORT: portOf('PARLEY_BAZAAR_PORT', 4002, environment),
  };
  const [first, second] = Object.entries(ports).filter(([, port], index, all) =>
    all.some(([, other], at) => at !== index && other === port),
  );
  if (first) throw new SetupError(`${first[0]} and ${second[0]} are both ${first[1]}: choose two.`);
  return {
    host: environment.PARLEY_HOST || '127.0.0.1',
    ports,
    dataFolder: environment.PARLEY_DATA || 'data',
    publicUrl: environment.PARLEY_PUBLIC_URL || `http://localhost:${ports.PARLEY_PORT}`,
  };
}

const canListen = (port, host) =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve(error.code));
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });

/** Says which port is taken before anything starts. @throws SetupError */
export async function checkPorts({ ports, host }) {
  for (const [name, port] of Object.entries(ports)) {
    const problem = await canListen(port, name === 'PARLEY_PORT' ? host : '127.0.0.1');
    if (problem === 'EADDRINUSE')
      throw new SetupError(`Port ${port} is taken: stop what uses it, or set ${name} to another.`);
    if (problem === 'EACCES')
      throw new SetupError(`Port ${port} may not be opened by this user: set ${name} above 1023.`);
    if (problem) throw new SetupError(`${name} ${port} on ${host} cannot be opened: ${problem}.`);
  }
}
