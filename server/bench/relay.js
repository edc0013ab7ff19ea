/** The floor: a bare `ws` relay without storage. Sockets come in pairs (`/0` and `/1`, `/2` and `/3`, ...); each
 * frame goes to the other one, and a short answer back. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
const present = new Map();
/** As an acknowledgement: its id is where the load generator looks for one. */
const answer = Buffer.alloc(60);

sockets.on('connection', (socket, request) => {
  const place = Number(request.url.slice(1));
  present.set(place, socket);
  socket.on('message', (data) => {
    data.copy(answer, 4, 4, 9);
    present.get(place ^ 1)?.send(data);
    socket.send(answer.subarray());
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
});
