/** Whether media of one device arrive at Janus, by what Janus says of each of its media lines.
 * Microphones send without a pause, also when muted: silence here means that the device is gone. */
import Janode from 'janode';
import type { VideoRoomHandle } from 'janode/plugins/videoroom';

export class Flow {
  readonly #onChange: (flowing: boolean) => void;
  readonly #arriving = new Set<string>();
  #handle: VideoRoomHandle | null = null;

  constructor(onChange: (flowing: boolean) => void) {
    this.#onChange = onChange;
  }

  /** From now on what this handle says counts, and nothing else. */
  follow(handle: VideoRoomHandle): void {
    this.#handle = handle;
    handle.on(Janode.EVENT.HANDLE_MEDIA, (event: { mid?: string; receiving?: boolean }) => {
      if (this.#handle === handle) this.#note(String(event.mid), event.receiving === true);
    });
  }

  /** Nothing arrives any more. */
  stop(): void {
    const wasFlowing = this.#arriving.size > 0;
    this.#arriving.clear();
    if (wasFlowing) this.#onChange(false);
  }

  #note(line: string, arrives: boolean): void {
    const wasFlowing = this.#arriving.size > 0;
    if (arrives) this.#arriving.add(line);
    else this.#arriving.delete(line);
    const flowing = this.#arriving.size > 0;
    if (flowing !== wasFlowing) this.#onChange(flowing);
  }
}
