/** Whether a missing connection is worth a word. Most are back before one has read it, and a strip that comes and goes
 * moves everything below it. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ClientSnapshot } from '../../core/snapshot.js';

/** So long a connection may take, as it does whenever the page opens, without a word. */
const silentMs = 1_500;

/** Draws its host anew when the silence has lasted. */
export class ConnectionNews implements ReactiveController {
  /** Stands until there is a connection: between two attempts it would only flicker. */
  shown = false;
  private connected = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    this.connected = true;
  }

  hostDisconnected(): void {
    this.connected = false;
    this.rest();
  }

  /** Call for every state of the client. */
  follow(connection: ClientSnapshot['connection']): void {
    // What is drawn once more on its way out is not to be held by a timer.
    if (connection === 'connecting' && !this.shown && this.connected)
      this.timer ??= setTimeout(() => {
        this.shown = true;
        this.host.requestUpdate();
      }, silentMs);
    else this.rest();
    if (connection === 'online') this.shown = false;
    if (connection === 'offline') this.shown = true;
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
