/** A tab's commands that are not done yet: repeated for the next engine when theirs goes away. */
import { ProblemError, type ClientSnapshot, type Command } from '../../core/snapshot.js';
import type { Outcome } from './protocol.js';

/** More would mean that nobody answers at all. */
const pendingMax = 200;

interface Pending {
  command: Command;
  /** The engine said that it has it. */
  taken: boolean;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class PendingCommands {
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** @throws ProblemError `internal` above `pendingMax`. */
  add(command: Command): { id: number; result: Promise<unknown> } {
    if (this.#pending.size >= pendingMax) throw new ProblemError({ code: 'internal' });
    const id = ++this.#lastId;
    const result = new Promise((resolve, reject) => {
      this.#pending.set(id, { command, taken: false, resolve, reject });
    });
    return { id, result };
  }

  markTaken(id: number): void {
    const pending = this.#pending.get(id);
    if (pending !== undefined) pending.taken = true;
  }

  settle(id: number, outcome: Outcome): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (outcome.ok) pending?.resolve(outcome.result);
    else pending?.reject(new ProblemError(outcome.problem));
  }

  /** What the next engine must be told again. Every command may be done twice with the same result (a message
   * bears the id that its tab gave it) but one: claiming a handle, which is done if the next engine has it. */
  repeatable(snapshot: ClientSnapshot): { id: number; command: Command }[] {
    for (const [id, { command, taken }] of this.#pending) {
      const done = command.type === 'claim_handle' && taken && snapshot.phase === 'ready';
      if (done) this.settle(id, { ok: true, result: null });
    }
    return [...this.#pending].map(([id, pending]) => {
      pending.taken = false;
      return { id, command: pending.command };
    });
  }

  rejectAll(code: 'internal' | 'other_tab'): void {
    for (const id of [...this.#pending.keys()]) this.settle(id, { ok: false, problem: { code } });
  }
}
