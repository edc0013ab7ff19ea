/** Remembers sites for a short while, so that a connection does not cost a query. */
import type { Site } from './model.js';

const sitesMax = 10_000;
/** A changed site takes effect after this long without a restart. */
const freshMs = 10_000;

export class SiteCache {
  readonly #entries = new Map<string, { site: Site; until: number }>();

  get(key: string): Site | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (entry.until > Date.now()) return entry.site;
    this.#entries.delete(key);
    return null;
  }

  /** Sites only: what is not there is not remembered, since anybody can name keys without end. */
  put(site: Site): void {
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= sitesMax && oldest.done !== true) this.#entries.delete(oldest.value);
    this.#entries.set(site.key, { site, until: Date.now() + freshMs });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
