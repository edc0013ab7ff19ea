/** What runs in each tab of the test: a client, for the test to reach through the frame's window. */
import type { MediaPort } from '../../../core/calls/media-port.js';
import { connectTab } from '../connect.js';
import type { TabClient } from '../tab-client.js';

export interface TabWindow extends Window {
  client: TabClient;
  closeClient: () => void;
  arrived: string[];
}

const tabWindow = globalThis as unknown as TabWindow;
const closing = new AbortController();
const site = new URLSearchParams(tabWindow.name).get('site') ?? 'test';

tabWindow.arrived = [];
tabWindow.client = connectTab({
  place: { server: 'http://server.test', site },
  engine: {
    url: new URL('./scripted-engine.ts', import.meta.url).href,
    hostHere: () => Promise.reject(new Error('workers are allowed here')),
    loadMedia: () =>
      Promise.resolve({
        onEvent: () => undefined,
        supported: () => Promise.resolve(tabWindow.name),
      } as unknown as MediaPort),
  },
  signal: closing.signal,
});
tabWindow.client.subscribe((event) => {
  if (event.type === 'arrived') tabWindow.arrived.push(event.message.id);
}, closing.signal);
tabWindow.closeClient = () => {
  closing.abort();
};
