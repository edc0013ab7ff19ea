/** A panel's frame around a screen that is shown alone, as `parley-panel` gives it. */
import { html, type TemplateResult } from 'lit';
import '../../../widget/src/elements/panel/panel.js';

/** @param content one screen element */
export function inPanel(content: TemplateResult): TemplateResult {
  return html`<parley-panel>${content}</parley-panel>`;
}
