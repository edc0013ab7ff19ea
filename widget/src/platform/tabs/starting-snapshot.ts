import type { ClientSnapshot } from '../../core/snapshot.js';

/** What is known before the engine has said anything. */
export const startingSnapshot: ClientSnapshot = {
  phase: 'starting',
  connection: 'connecting',
  insecure: false,
  site: null,
  self: null,
  conversations: [],
  unread: 0,
  call: null,
  calls: 'unavailable',
  settings: { sound: true },
  problem: null,
};
