/** The base of all elements: it follows the reader's language. */
import { LitElement } from 'lit';
import { currentLocale, onLocaleChange } from '../../locales/index.js';
import type { Format } from '../../locales/format.js';
import type { Words } from '../../locales/en.js';

/** An element that is drawn anew when the language changes. */
export class ParleyElement extends LitElement {
  private localeWatch: AbortController | undefined;

  /** The words of the reader's language. */
  protected get t(): Words {
    return currentLocale().words;
  }

  /** Times, days and numbers as the reader writes them. */
  protected get format(): Format {
    return currentLocale().format;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.localeWatch = new AbortController();
    onLocaleChange(() => {
      this.requestUpdate();
    }, this.localeWatch.signal);
    // The language may have changed while the element was away.
    if (this.hasUpdated) this.requestUpdate();
  }

  override disconnectedCallback(): void {
    this.localeWatch?.abort();
    super.disconnectedCallback();
  }
}
