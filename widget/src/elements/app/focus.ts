/** Focus across shadow roots. */

/** The element that has the focus, however deep. */
export function deepFocus(): HTMLElement | null {
  let element: Element | null = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element instanceof HTMLElement ? element : null;
}
