/** A TCP relay between a client and the server, as bad as networks and proxies are. */
import { createHash } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Where bytes go. */
export type Direction = 'up' | 'down';

/** What a proxy does to WebSockets: it refuses them, never answers, or takes them and then closes them at once or lets
 * nothing through. */
export type Upgrades = 'pass' | 'refuse' | 'hang' | 'take_and_close' | 'take_and_swallow';

/** A connection through the relay. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** Directions in which nothing arrives any more: TCP never goes on after a loss. */
  readonly lost: Set<Direction>;
  /** The relay itself ended the server's end of it. */
  isForgotten: boolean;
  /** What this connection's client sent, while it is stranded. */
  stranded: (() => void)[] | null;
}

const refusal = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

export class Relay {
  upgrades: Upgrades = 'pass';
  /** How late everything arrives, each way. */
  lateMs = 0;
  /** WebSockets that somebody asked for. */
  upgradesAsked = 0;
  /** Connections that the server, or a cut, ended. */
  endedByServer = 0;
  #isCut = false;
  #isHalfOpen = false;
  #isStranding = false;
  readonly #held = new Map<Direction, (() => void)[]>();
  readonly #lossy = new Set<Direction>();
  readonly #server: Server;
  readonly #links = new Set<Link>();

  private constructor(port: number) {
    this.#server = createServer((client) => {
      this.#take(client, port);
    });
  }

  /** Listens on a free port and passes everything on to another one of this machine. */
  static async start(target: string): Promise<Relay> {
    const relay = new Relay(Number(new URL(target).port));
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${String(address.port)}`;
  }

  /** Every connection is cut, and new ones are, until `mend`. */
  cut(): void {
    this.#isCut = true;
    for (const link of this.#links) end(link);
  }

  /** Nothing arrives any more in these directions, until `mend` delivers it. */
  hold(...directions: Direction[]): void {
    for (const direction of directions) this.#held.set(direction, []);
  }

  /** What goes there is lost from now on, and nobody is told. */
  lose(...directions: Direction[]): void {
    for (const direction of directions) {
      this.#lossy.add(direction);
      for (const { lost } of this.#links) lost.add(direction);
    }
  }

  /** What goes up waits somewhere until `mend` delivers it. Connections that begin after `spare` go well. */
  strand(): void {
    this.#isStranding = true;
    for (const link of this.#links) link.stranded ??= [];
  }

  spare(): void {
    this.#isStranding = false;
  }

  /** The other end forgets every connection, and nobody tells the client. New ones are taken and never answered. */
  halfOpen(): void {
    this.#isHalfOpen = true;
    for (const link of this.#links) forget(link);
  }

  /** All is well again. A connection that lost something stays silent: that has to be noticed. */
  mend(): void {
    this.#isCut = this.#isHalfOpen = this.#isStranding = false;
    this.#lossy.clear();
    const waiting = [...this.#held.values()].flat();
    this.#held.clear();
    for (const arrive of waiting) arrive();
    for (const link of this.#links) {
      const late = link.stranded ?? [];
      link.stranded = null;
      for (const arrive of late) arrive();
    }
  }

  async stop(): Promise<void> {
    this.mend();
    for (const link of this.#links) end(link);
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(client: Socket, port: number): void {
    client.on('error', () => client.destroy());
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const link: Link = {
      client,
      server: connect(port, '127.0.0.1'),
      lost: new Set(this.#lossy),
      isForgotten: false,
      stranded: this.#isStranding ? [] : null,
    };
    this.#links.add(link);
    link.server.on('error', () => link.server.destroy());
    if (this.#isHalfOpen) forget(link);
    this.#carry(link, 'up');
    this.#carry(link, 'down');
  }

  #carry(link: Link, direction: Direction): void {
    const [from, to] = direction === 'up' ? [link.client, link.server] : [link.server, link.client];
    // One after another, however late.
    let arrived: Promise<unknown> = Promise.resolve();
    const later = (then: () => void): void => {
      arrived = arrived.then(() => this.#arrival(link, direction)).then(then, () => undefined);
    };
    let isFirst = direction === 'up';
    from.on('data', (chunk: Buffer) => {
      if (isFirst && this.#isTaken(link, chunk.toString('latin1'))) return;
      isFirst = false;
      later(() => {
        if (!link.lost.has(direction)) to.write(chunk);
      });
    });
    from.on('close', () => {
      if (direction === 'down' && !link.isForgotten) this.endedByServer += 1;
      later(() => {
        if (link.lost.has(direction)) return;
        // After all that it brought.
        to.end();
        if (to.destroyed) this.#links.delete(link);
      });
    });
  }

  /** Does to an upgrade what this proxy does. @returns whether it is not to be passed on. */
  #isTaken(link: Link, head: string): boolean {
    const key = /^sec-websocket-key: (.*?)\r$/im.exec(head)?.[1];
    if (key === undefined) return false;
    this.upgradesAsked += 1;
    if (this.upgrades === 'pass') return false;
    const { client } = link;
    forget(link);
    if (this.upgrades === 'refuse') client.end(refusal);
    if (this.upgrades.startsWith('take')) client.write(acceptance(key));
    // A close frame without a code, as RFC 6455, section 5.5.1, has it.
    if (this.upgrades === 'take_and_close') client.end(Buffer.of(0x88, 0));
    return true;
  }

  /** Resolves when what is sent now is there. */
  async #arrival({ stranded }: Link, direction: Direction): Promise<void> {
    if (this.lateMs > 0) await delay(this.lateMs);
    const waiting = this.#held.get(direction);
    if (waiting !== undefined) await new Promise<void>((resolve) => waiting.push(resolve));
    if (direction === 'down' || stranded === null) return;
    await new Promise<void>((resolve) => stranded.push(resolve));
  }
}

/** The way to the server is gone, and the client is not told. */
function forget(link: Link): void {
  link.isForgotten = true;
  link.lost.add('up').add('down');
  link.server.destroy();
}

function end({ client, server }: Link): void {
  client.destroy();
  server.destroy();
}

/** RFC 6455, section 4.2.2. */
function acceptance(key: string): string {
  const accept = createHash('sha1')
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'upgrade: websocket',
    'connection: upgrade',
    `sec-websocket-accept: ${accept}`,
    '\r\n',
  ].join('\r\n');
}
