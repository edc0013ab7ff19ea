/** The engine's worker with the scripted core in it. */
import { hostEngine } from '../../engine/host.js';
import { linkOver } from '../../engine/messages.js';
import { createScriptedCore } from './scripted-core.js';

hostEngine(linkOver(globalThis), createScriptedCore);
