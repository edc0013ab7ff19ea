/** Calls: a pure state machine, the keys of a call, and the loop that drives the ports. */
export { createCalls, type Calls } from './runner.js';
export type { CallGroup } from './keyring.js';
export type { SafetyCodeSign } from './safety-code.js';
export type { CallView, Speaker } from './state.js';
