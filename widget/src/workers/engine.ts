/** The engine's worker: hosts the core for all tabs of the site. */
import { createCore } from '../platform/engine/core-client.js';
import { hostEngine } from '../platform/engine/host.js';
import { linkOver } from '../platform/engine/messages.js';

hostEngine(linkOver(globalThis), createCore);
