/** Composition root in the page: client, app, media and sounds of one `<parley-chat>`. */
import type { ClientSnapshot, Command, CommandOf, CommandResult } from './core/snapshot.js';
import { ParleyApp } from './elements/app/app.js';
import { HostReports } from './host-reports.js';
import type { Attach, ChatHost, ChatOptions, ChatPage } from './loader/contract.js';
import type { PageMedia } from './platform/media/media-port.js';
import { Sounds } from './platform/sounds.js';
import { connectTab } from './platform/tabs/connect.js';
import type { TabClient } from './platform/tabs/tab-client.js';
import { spawnModuleWorker } from './platform/worker-spawn.js';
import engineUrl from './workers/engine.ts?entry';
import framesUrl from './workers/frames.ts?entry';

export const attach: Attach = (host) => new Page(host);

class Page implements ChatPage {
  readonly #host: ChatHost;
  readonly #closing = new AbortController();
  readonly #client: TabClient;
  readonly #app: ParleyApp;
  readonly #sounds = new Sounds();
  readonly #reports: HostReports;
  #media: Promise<PageMedia> | null = null;

  constructor(host: ChatHost) {
    const { signal } = this.#closing;
    this.#host = host;
    // Throws where the page has swallowed the element's definition: before anything has started.
    this.#app = new ParleyApp();
    this.#reports = new HostReports(host);
    this.#client = connectTab({
      place: host.options,
      engine: {
        url: engineUrl,
        hostHere: async (link) => {
          const { hostEngine, createCore } = await import('./platform/engine/in-page.js');
          hostEngine(link, createCore);
        },
        loadMedia: () => this.#loadMedia(),
      },
      signal,
    });
    this.#app.client = this.#client;
    this.#app.newcomer = !host.returning;
    this.#app.addEventListener('parley-app-close', () => {
      host.close();
    });
    for (const preference of ['theme', 'lang'] as const) {
      this.#app.addEventListener(`parley-app-${preference}`, (event) => {
        const detail = (event as CustomEvent<Record<string, string>>).detail;
        host.prefer(preference, detail[preference] ?? '');
      });
    }
    this.update(host.options);
    host.panel.append(this.#app);
    this.#app.updateComplete.catch(() => {
      host.failed();
    });
    this.#client.subscribe((event) => {
      if (event.type === 'snapshot') this.#follow(event.snapshot);
      if (event.type === 'arrived' && !this.#isReading()) this.#play('message');
    }, signal);
  }

  update({ theme, lang }: ChatOptions): void {
    this.#app.theme = theme;
    this.#app.lang = lang;
  }

  shown(open: boolean): void {
    const { userActivation } = navigator as Partial<Navigator>;
    this.#app.quiet = userActivation?.hasBeenActive === false;
    this.#app.open = open;
    if (open) this.#client.attend();
  }

  async message(address: string): Promise<void> {
    await this.#ready();
    await this.#app.message(address);
  }

  async call(address: string, { video }: { video: boolean }): Promise<void> {
    await this.#ready();
    const { conversationId } = await this.#run<'open_conversation'>({
      type: 'open_conversation',
      address,
    });
    this.#app.show(conversationId);
    await this.#run<'start_call'>({ type: 'start_call', conversationId, video });
  }

  async signOut(): Promise<void> {
    await this.#run<'sign_out'>({ type: 'sign_out' });
  }

  detach(): void {
    this.#closing.abort();
    this.#sounds.close();
    this.#app.remove();
    void this.#media?.then((media) => media.close());
  }

  #run<Type extends Command['type']>(command: CommandOf<Type>): Promise<CommandResult<Type>> {
    return this.#client.run<Type>(command);
  }

  /** Resolves when there is somebody signed in here to speak as. */
  #ready(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#client.snapshot.phase === 'ready') resolve();
      this.#client.subscribe(({ type }) => {
        if (type === 'snapshot' && this.#client.snapshot.phase === 'ready') resolve();
      }, this.#closing.signal);
    });
  }

  #follow(snapshot: ClientSnapshot): void {
    const { call } = snapshot;
    this.#reports.follow(snapshot);
    this.#app.lost = this.#reports.lost;
    const rings = call?.phase === 'incoming';
    if (rings && this.#client.announces) this.#host.open();
    const audible = (): boolean => this.#client.announces && this.#client.snapshot.settings.sound;
    const waits = call?.phase === 'ringing' && call.direction === 'out';
    this.#sounds.loop(rings ? 'ring' : waits ? 'ringBack' : null, audible);
  }

  #play(sound: 'message'): void {
    const { settings, call } = this.#client.snapshot;
    if (settings.sound && call === null) this.#sounds.play(sound);
  }

  /** Whether the person has the chat before their eyes: then a new message needs no sound. */
  #isReading(): boolean {
    return this.#app.open && document.visibilityState === 'visible' && document.hasFocus();
  }

  #loadMedia(): Promise<PageMedia> {
    this.#media ??= import('./platform/media/media-port.js').then(({ createMediaPort }) => {
      const media = createMediaPort({
        frameWorker: () => spawnModuleWorker(framesUrl, 'parley frames'),
      });
      const show = (): void => {
        this.#app.mediaStreams = { local: media.localStream, remote: media.remoteStream };
      };
      media.onStreams(show, this.#closing.signal);
      show();
      return media;
    });
    return this.#media;
  }
}
