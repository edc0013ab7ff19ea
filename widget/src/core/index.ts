/** The headless client: the only entry to `core` for the rest of the widget. */
export { createClient } from './client/client.js';
export type { ClientPorts } from './client/ports.js';
export { problemOf } from './client/problems.js';
export type { Clock, Log } from './context.js';
export type { CallKeys, IceServer, MediaEvent, MediaPort } from './calls/media-port.js';
export type { Address, CallId, ConversationId, DeviceId, MessageId } from './ids.js';
export * from './snapshot.js';
export type { Store } from './store/contract.js';
export { openIndexedDbStore, type IndexedDbOptions } from './store/indexed-db.js';
export { createMemoryStore } from './store/memory.js';
