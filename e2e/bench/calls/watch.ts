/** What a page notes of its calls: when somebody clicked, and when the other's first picture was to be seen. */
import type { BrowserContext, Page } from 'playwright-core';

interface Watch {
  clicked: number;
  shown: number;
}

/** The page's global scope, as far as it is ours. */
interface Watching {
  watch: Watch;
}

/** For every page that this browser opens from now on. */
export async function watchPictures(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const watch: Watch = { clicked: 0, shown: 0 };
    Object.assign(globalThis, { watch });
    addEventListener('click', () => (watch.clicked = Date.now()), { capture: true });
    const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
    Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
      ...source,
      set(this: HTMLVideoElement, stream: MediaStream | null) {
        source?.set?.call(this, stream);
        if (!this.classList.contains('picture')) return;
        // A frame is there, and no longer covered by the face of the person.
        const look = (): void => {
          if (this.closest('.room:not(.seen)') !== null) requestAnimationFrame(look);
          else if (watch.shown === 0) watch.shown = Date.now();
        };
        this.requestVideoFrameCallback(look);
      },
    });
  });
}

/** From now on it is the next call. */
export const forget = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { watch } = globalThis as unknown as Watching;
    watch.clicked = watch.shown = 0;
  });

/** Both in milliseconds since 1970, by this machine's clock. Waits for the picture. */
export async function seen(page: Page): Promise<Watch> {
  await page.waitForFunction(() => (globalThis as unknown as Watching).watch.shown > 0, undefined, {
    timeout: 60_000,
    polling: 50,
  });
  return page.evaluate(() => ({ ...(globalThis as unknown as Watching).watch }));
}
