/** The DOM of the element's shadow root: launcher and panel, built by hand since no template engine is loaded yet. */
import type { Labels } from './labels.js';
import { sheet } from './styles.js';

/** Lucide `message-circle` and `phone`. */
const icons = {
  chat: 'M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719',
  call: 'M13.832 16.568a1 1 0 0 0 1.213-.303l.355-.465A2 2 0 0 1 17 15h3a2 2 0 0 1 2 2v3a2 2 0 0 1-2 2A18 18 0 0 1 2 4a2 2 0 0 1 2-2h3a2 2 0 0 1 2 2v3a2 2 0 0 1-.8 1.6l-.468.351a1 1 0 0 0-.292 1.233 14 14 0 0 0 6.392 6.384',
};

type Attributes = Record<string, string>;

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function icon(): { svg: SVGSVGElement; path: SVGPathElement } {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  return { svg, path };
}

/** What the launcher says at this moment. */
export interface LauncherState {
  unread: number;
  calling: boolean;
  open: boolean;
  theme: string;
}

/** Launcher and panel of one `<parley-chat>`. Holds no state of its own but the DOM. */
export class Shell {
  readonly launcher = make('button', {
    type: 'button',
    class: 'launcher',
    part: 'launcher',
    popover: 'manual',
    'aria-haspopup': 'dialog',
  });
  readonly panel = make('div', {
    class: 'panel',
    part: 'panel',
    popover: 'manual',
    role: 'dialog',
    tabindex: '-1',
  });
  readonly #badge = make('span', {
    class: 'badge',
    part: 'badge',
    'aria-hidden': 'true',
    hidden: '',
  });
  readonly #path: SVGPathElement;

  constructor(root: ShadowRoot) {
    const { svg, path } = icon();
    this.#path = path;
    const slot = make('slot', { name: 'launcher' }, svg);
    this.launcher.append(slot, this.#badge);
    root.adoptedStyleSheets = [sheet];
    root.append(this.launcher, this.panel);
    this.panel.hidden = true;
  }

  /** Shows what stands in the panel until the app is there: the coming layout, or a sentence with one button. */
  cover(content: { text: string; button: string; act: () => void } | 'skeleton' | null): void {
    this.panel.querySelector('.wait')?.remove();
    if (content === null) return;
    const wait = make('div', { class: 'wait', part: 'cover' });
    if (content === 'skeleton') {
      wait.setAttribute('aria-busy', 'true');
      wait.append(make('i'), make('i'), make('i'));
    } else {
      const button = make('button', { type: 'button' }, content.button);
      button.addEventListener('click', content.act);
      wait.append(make('p', {}, content.text), button);
    }
    this.panel.append(wait);
  }

  paint({ unread, calling, open, theme }: LauncherState, words: Labels): void {
    this.#path.setAttribute('d', calling ? icons.call : icons.chat);
    this.#badge.hidden = unread === 0 || calling;
    this.#badge.textContent = unread > 99 ? '99+' : String(unread);
    const name = calling ? words.inCall : words.open;
    this.launcher.setAttribute(
      'aria-label',
      unread === 0 ? name : `${name}, ${words.unread(unread)}`,
    );
    this.launcher.setAttribute('aria-expanded', String(open));
    this.panel.setAttribute('aria-label', words.chat);
    for (const part of [this.launcher, this.panel])
      // Setting it, even to the same, has everything below it styled anew.
      if (part.dataset['theme'] !== theme) part.dataset['theme'] = theme;
  }

  /** Puts the panel over whatever came into the top layer after it. */
  raise(): void {
    const { panel } = this;
    const { left, top, width, height } = panel.getBoundingClientRect();
    const root = panel.getRootNode() as ShadowRoot;
    const seen = document.elementFromPoint(left + width / 2, top + height / 2);
    if (width === 0 || seen === null || seen === root.host) return;
    Shell.show(panel, false);
    Shell.show(panel, true);
  }

  /** Puts one of the two into the top layer, or takes it out; without popovers, a high z-index has to do. */
  static show(element: HTMLElement, visible: boolean): void {
    element.hidden = !visible;
    if (!('showPopover' in element) || !element.isConnected) return;
    if (element.matches(':popover-open') === visible) return;
    if (visible) element.showPopover();
    else element.hidePopover();
  }
}
