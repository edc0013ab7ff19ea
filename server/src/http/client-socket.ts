/** A client's WebSocket: what it takes to hold ten thousand of them, and to write to them in few system calls.
 *
 * Listeners are shared functions, the frames of one turn leave in one write, and nothing of the request to upgrade is
 * kept. */
import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import type { Connection } from '../connection.js';
import type { LiveEvent } from '../events/contract.js';
import type { EventSink, EventStream } from '../events/stream.js';
import { eventFrame, messageFrame, type RequestId } from '../realtime/encoder.js';
import type { Context } from '../trpc.js';
import type { PingWheel } from './ping-wheel.js';

/** What all sockets share. */
export interface SocketGround {
  readonly wheel: PingWheel<ClientSocket>;
  /** Frames that may wait unsent before the client is cut off. */
  readonly unsentBytesMax: number;
  /** Takes a message off a socket. Must not throw. */
  readonly onMessage: (socket: ClientSocket, data: Buffer, isBinary: boolean) => void;
  readonly onClosed: () => void;
  readonly onCut: () => void;
  readonly onFault: (error: Error) => void;
}

/** `params`: the first frame will say who it is; `joining`: that is being looked up; `open`: requests are answered. */
type Stage = 'params' | 'joining' | 'open';

/** A socket from its upgrade to its end. */
export class ClientSocket extends WebSocket implements EventSink<RequestId> {
  silent = false;
  stage: Stage = 'open';
  context!: Context;
  /** Live subscriptions by request id; `null` while one begins. */
  streams: Map<RequestId, EventStream<RequestId> | null> | null = null;
  /** Frames that came while the session was looked up. */
  early: Buffer[] | null = null;
  #ground!: SocketGround;
  #stream!: Duplex;
  #slot = 0;
  #corked = false;

  /** To be called once, in the callback of the upgrade.
   * @param stream what the upgrade came over; frames are written to it as they are, which is sound because neither
   * compression nor fragments of ours ever have one half written. */
  begin(ground: SocketGround, stream: Duplex, context: Context): void {
    this.#ground = ground;
    this.#stream = stream;
    this.context = context;
    this.#slot = ground.wheel.add(this);
    // Methods as they are: an emitter calls its listeners on itself.
    this.on('message', this.onData);
    this.on('pong', this.onSign);
    this.on('close', this.onEnd);
    this.on('error', this.onFault);
  }

  get connection(): Connection {
    return this.context.connection;
  }

  /** Writes a frame with those of the same turn. On a socket that closes it does nothing; a client that does not take
   * what was sent before is cut off. */
  write(frame: Buffer): void {
    if (this.readyState !== WebSocket.OPEN) return;
    if (this.#stream.writableLength > this.#ground.unsentBytesMax) {
      this.#ground.onCut();
      // A close frame would only wait behind all the rest.
      this.terminate();
      return;
    }
    if (!this.#corked) {
      this.#corked = true;
      this.#stream.cork();
      // Who only listens need not wait for what others are answered; who asked gets event and answer in one write.
      if (this.connection.isAsked) flushAfterTurn(this);
      else queueMicrotask(() => this.flush());
    }
    this.#stream.write(frame);
  }

  flush(): void {
    this.#corked = false;
    this.#stream.uncork();
  }

  push(id: RequestId, event: LiveEvent): void {
    this.write(eventFrame(id, event));
  }

  finished(id: RequestId): void {
    this.streams?.delete(id);
    this.write(messageFrame({ id, result: { type: 'stopped' } }));
  }

  private onData(data: RawData, isBinary: boolean): void {
    this.silent = false;
    // The binary type of servers, which nobody changes here, is one buffer for each message.
    this.#ground.onMessage(this, data as Buffer, isBinary);
  }

  private onSign(): void {
    this.silent = false;
  }

  private onFault(error: Error): void {
    this.#ground.onFault(error);
  }

  /** Gives back what it holds elsewhere. */
  private onEnd(): void {
    this.#ground.wheel.remove(this, this.#slot);
    this.connection.signOut();
    this.early = null;
    this.#ground.onClosed();
  }
}

let written: ClientSocket[] = [];

/** A tick runs when all promises of the present turn have been served: the answers to a whole batch are there then. */
function flushAfterTurn(socket: ClientSocket): void {
  if (written.push(socket) === 1) process.nextTick(flushAll);
}

function flushAll(): void {
  const sockets = written;
  written = [];
  for (const socket of sockets) socket.flush();
}
