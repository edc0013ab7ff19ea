/** A WebSocket client that costs next to nothing, so that the load beside the server weighs little: it sends
 * prepared frames and looks at what comes in without decoding it. RFC 6455; a mask of zeros leaves bytes as they are. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const opcodes = { binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** Where and as whom to connect. */
export interface RawTarget {
  port: number;
  path: string;
  origin: string;
  /** One of 127.0.0.0/8, when one address has too few ports. */
  localAddress?: string | undefined;
}

/** A masked binary frame around the payload. */
export function frameOf(payload: Uint8Array, opcode: number = opcodes.binary): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = 0x80 | length;
  else if (length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** An open connection. */
export class RawSocket {
  /** Each binary frame's payload; valid during the call only. */
  onPayload: (payload: Buffer) => void = () => undefined;
  onClose: () => void = () => undefined;
  readonly #socket: Socket;
  #rest: Buffer | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.onClose());
  }

  /** @throws Error when the server does not upgrade. */
  static async open({ port, path, origin, localAddress }: RawTarget): Promise<RawSocket> {
    const local = localAddress === undefined ? {} : { localAddress };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...local });
    await once(socket, 'connect');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: ${origin}\r\nUpgrade: websocket\r\n` +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    let head = Buffer.alloc(0);
    while (!head.includes('\r\n\r\n')) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      head = Buffer.concat([head, chunk]);
    }
    if (!head.toString('latin1').startsWith('HTTP/1.1 101')) {
      socket.destroy();
      throw new Error(`no upgrade: ${head.toString('latin1').split('\r\n')[0] ?? ''}`);
    }
    const opened = new RawSocket(socket);
    const rest = head.subarray(head.indexOf('\r\n\r\n') + 4);
    if (rest.length > 0) opened.#rest = Buffer.from(rest);
    return opened;
  }

  /** @param frame made by `frameOf`; the caller does not change it before the next turn. */
  send(frame: Buffer): void {
    this.#socket.write(frame);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const data = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = null;
    let at = 0;
    for (;;) {
      const left = data.length - at;
      const short = left >= 2 ? (data[at + 1] ?? 0) : 0;
      const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (left < headBytes) break;
      const length =
        short < 126
          ? short
          : short === 126
            ? data.readUInt16BE(at + 2)
            : Number(data.readBigUInt64BE(at + 2));
      if (left < headBytes + length) break;
      const payload = data.subarray(at + headBytes, at + headBytes + length);
      this.#take((data[at] ?? 0) & 0x0f, payload);
      at += headBytes + length;
    }
    if (at < data.length) this.#rest = Buffer.from(data.subarray(at));
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.binary) this.onPayload(payload);
    else if (opcode === opcodes.ping) this.send(frameOf(payload, opcodes.pong));
    else if (opcode === opcodes.close) this.#socket.end(frameOf(payload, opcodes.close));
  }
}
