/** Finds elements through shadow roots, as a person would: by what they are and what they are called. */
import { configure, waitFor } from 'storybook/test';

/** How long something may take to be there, in milliseconds: a busy machine is slow, and that alone is no fault. */
const patienceMs = 10_000;

// The default prints the whole page with every failure.
configure({
  getElementError: (message) => new Error(message ?? ''),
  asyncUtilTimeout: patienceMs,
});

/** All elements below a root that match, shadow roots included, in document order. */
export function deepAll(root: ParentNode, selector: string): HTMLElement[] {
  const found: HTMLElement[] = [];
  for (const element of root.querySelectorAll<HTMLElement>('*')) {
    if (element.matches(selector)) found.push(element);
    if (element.shadowRoot) found.push(...deepAll(element.shadowRoot, selector));
  }
  return found;
}

/** Waits for the first element that matches. @throws when none comes */
export async function deep(root: ParentNode, selector: string): Promise<HTMLElement> {
  return waitFor(() => {
    const element = deepAll(root, selector)[0];
    if (!element) throw new Error(`nothing matches ${selector}`);
    return element;
  });
}

const nameOf = (element: HTMLElement): string =>
  element.getAttribute('aria-label') ?? textOf(element);

/** What an element reads aloud, slotted text included. */
export function textOf(element: Node): string {
  if (element instanceof HTMLSlotElement) return element.assignedNodes().map(textOf).join('');
  if (element.nodeType === Node.TEXT_NODE) return element.textContent ?? '';
  if (element instanceof Element && element.getAttribute('aria-hidden') === 'true') return '';
  const root = element instanceof HTMLElement && element.shadowRoot ? element.shadowRoot : element;
  return [...root.childNodes].map(textOf).join('').replace(/\s+/gu, ' ').trim();
}

/** Waits for a button with this name. */
export async function button(root: ParentNode, name: string | RegExp): Promise<HTMLElement> {
  return waitFor(() => {
    const fits = (text: string): boolean =>
      name instanceof RegExp ? name.test(text) : text === name;
    const element = deepAll(root, 'button, [role="button"]').find((one) => fits(nameOf(one)));
    if (!element) throw new Error(`no button ${String(name)}`);
    return element;
  });
}

/** Waits for what was changed to be drawn. */
async function drawn(): Promise<void> {
  for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
}

/** Waits for a text to stand somewhere, and to be drawn. */
export async function text(
  root: HTMLElement,
  wanted: string | RegExp,
  timeout = patienceMs,
): Promise<void> {
  await waitFor(
    () => {
      const all = textOf(root);
      const there = wanted instanceof RegExp ? wanted.test(all) : all.includes(wanted);
      if (!there) throw new Error(`"${String(wanted)}" is not in: ${all.slice(0, 400)}`);
    },
    { timeout },
  );
  await drawn();
}

/** Waits for a text to be gone. */
export async function noText(root: HTMLElement, unwanted: string): Promise<void> {
  await waitFor(() => {
    if (textOf(root).includes(unwanted)) throw new Error(`"${unwanted}" is still there`);
  });
}

/** The element that has the focus, however deep. */
export function focused(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}
