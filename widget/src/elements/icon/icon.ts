import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { ParleyElement } from '../base/parley-element.js';
import { icons, type IconName } from './icons.js';
import { styles } from './icon.styles.js';

const svgNamespace = 'http://www.w3.org/2000/svg';

/** Built by hand, not from markup: Trusted Types have nothing to object to. */
function draw(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  for (const [tag, attributes] of icons[name]) {
    const shape = document.createElementNS(svgNamespace, tag);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, String(value));
    svg.append(shape);
  }
  return svg;
}

/** A sign from Lucide. Decoration unless it has a `label`.
 * @cssproperty [--parley-icon-size=20px] - Width and height. */
@customElement('parley-icon')
export class ParleyIcon extends ParleyElement {
  static override styles = styles;

  /** Which one. */
  @property({ reflect: true }) name: IconName = 'lock';
  /** What it says to those who cannot see it, where no text beside it says so. */
  @property() label = '';

  private drawn: { name: IconName; svg: SVGSVGElement } | undefined;

  override render(): TemplateResult {
    if (this.drawn?.name !== this.name) this.drawn = { name: this.name, svg: draw(this.name) };
    const { svg } = this.drawn;
    if (this.label === '') {
      svg.setAttribute('aria-hidden', 'true');
      svg.removeAttribute('role');
    } else {
      svg.setAttribute('role', 'img');
      svg.setAttribute('aria-label', this.label);
      svg.removeAttribute('aria-hidden');
    }
    return html`${svg}${nothing}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-icon': ParleyIcon;
  }
}
