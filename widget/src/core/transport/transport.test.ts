import { expect, it } from 'vitest';
import { createTransport } from './transport.js';

/** A socket to a server that is not there. */
class RefusedSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  readyState = 3;

  constructor() {
    super();
    setTimeout(() => {
      this.dispatchEvent(new Event('error'));
      this.dispatchEvent(new Event('close'));
    });
  }

  close(): void {
    this.readyState = 3;
  }
}

it('is offline where neither the socket nor the code of the other way can be had', async () => {
  const transport = createTransport({
    serverUrl: 'https://chat.example',
    siteKey: 'pk_0000000000000000000000',
    WebSocket: RefusedSocket as unknown as typeof WebSocket,
    loadHttp: () => Promise.reject(new TypeError('Failed to fetch dynamically imported module')),
  });
  const connecting = transport.connect({ session: null, signal: new AbortController().signal });
  await expect(connecting).rejects.toMatchObject({ name: 'TransportError', code: 'offline' });
});
