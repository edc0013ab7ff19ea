/** The engine for pages that refuse workers: the same code, in the page's own thread. */
export { createCore } from './core-client.js';
export { hostEngine } from './host.js';
