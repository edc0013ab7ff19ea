/** Tells the site's page what became of the client: its events, the unread count, whether somebody lives here. */
import type { CallState, ClientSnapshot } from './core/snapshot.js';
import type { ChatHost } from './loader/contract.js';

/** Follows snapshots and reports what has changed since the last one. */
export class HostReports {
  readonly #host: ChatHost;
  #last: ClientSnapshot | null = null;
  #lived = false;

  constructor(host: ChatHost) {
    this.#host = host;
  }

  /** Whether somebody lived here who never signed out: the browser has deleted what was kept. */
  get lost(): boolean {
    return this.#lived && this.#last?.phase === 'unclaimed';
  }

  follow(snapshot: ClientSnapshot): void {
    const last = this.#last;
    this.#last = snapshot;
    const { phase, self, unread, call, problem } = snapshot;
    if (phase !== last?.phase && (phase === 'ready' || phase === 'unclaimed')) {
      this.#host.emit('parley-ready', { address: self?.address ?? null });
    }
    if (phase === 'ready' || (phase === 'unclaimed' && this.#host.returning)) this.#lived = true;
    if (phase === 'signed_out') this.#lived = false;
    // Only what is certain: while it starts, nobody knows. And only when it changes: the browser keeps it at once, and
    // the page waits meanwhile.
    if (phase !== last?.phase) {
      if (phase === 'ready') this.#host.remember(true);
      if (phase === 'unclaimed' || phase === 'signed_out') this.#host.remember(false);
    }
    if (unread !== (last?.unread ?? 0)) {
      this.#host.setUnread(unread);
      this.#host.emit('parley-unread', { unread });
    }
    if (call?.id !== last?.call?.id || call?.phase !== last?.call?.phase) this.#reportCall(call);
    if (problem !== null && problem.code !== last?.problem?.code) {
      this.#host.emit('parley-error', { code: problem.code });
    }
  }

  #reportCall(call: CallState | null): void {
    this.#host.setCalling(call !== null && call.phase !== 'ended');
    if (call === null) return;
    const { phase, direction, video, peer, outcome = null } = call;
    this.#host.emit('parley-call', { phase, direction, video, address: peer.address, outcome });
  }
}
