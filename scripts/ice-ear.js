/** Vitest browser commands: a UDP socket that a page is told is its STUN server, and what came to it. Pages have none. */
import { createSocket } from 'node:dgram';

/** @type {Map<number, string[]>} */
const heard = new Map();

/** @returns {Promise<number>} its port on 127.0.0.1. */
export async function openIceEar() {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(undefined)));
  // It ends with the run.
  socket.unref();
  const { port } = socket.address();
  heard.set(port, []);
  socket.on('message', (datagram) => heard.get(port)?.push(datagram.toString('hex')));
  return port;
}

/** @param {unknown} _context of the test
 * @param {number} port
 * @returns {string[]} each datagram in hexadecimal. */
export const heardByIceEar = (_context, port) => heard.get(port) ?? [];
