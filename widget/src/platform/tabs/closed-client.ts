/** A client that cannot work here and says why. */
import { ProblemError, type Client, type Problem } from '../../core/snapshot.js';
import { startingSnapshot } from './starting-snapshot.js';

export function closedClient(problem: Problem): Client {
  return {
    snapshot: { ...startingSnapshot, phase: 'closed', connection: 'offline', problem },
    subscribe: () => undefined,
    run: () => Promise.reject(new ProblemError(problem)),
    close: () => Promise.resolve(),
  };
}
