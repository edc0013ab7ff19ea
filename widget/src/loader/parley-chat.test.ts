/** What a visitor meets before anything else is loaded: real elements in a real page. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ChatEvents } from './contract.js';
import { isReturning, preferred } from './returning.js';
import type { ParleyChat } from './parley-chat.js';
import './parley.js';

const site = 'pk_0123456789012345678901';
let heard: { name: string; detail: unknown }[] = [];
let listening = new AbortController();

function make(attributes: Record<string, string> = { site }): ParleyChat {
  const element = document.createElement('parley-chat');
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  document.body.append(element);
  return element;
}

function part(element: ParleyChat, name: string): HTMLElement {
  const found = element.shadowRoot?.querySelector(`[part='${name}']`);
  if (!(found instanceof HTMLElement)) throw new Error(`no part ${name}`);
  return found;
}

const isShown = (element: HTMLElement): boolean => element.getClientRects().length > 0;

beforeEach(() => {
  heard = [];
  listening = new AbortController();
  const names: (keyof ChatEvents)[] = ['parley-open', 'parley-close', 'parley-error'];
  for (const name of names) {
    document.addEventListener(
      name,
      (event) => heard.push({ name, detail: (event as CustomEvent<unknown>).detail }),
      listening,
    );
  }
});
afterEach(() => {
  listening.abort();
  document.body.replaceChildren();
  localStorage.clear();
});

it('shows a launcher in the top layer, 20 px from the corner, and moves nothing of the page', () => {
  document.body.append(document.createElement('p'));
  const before = document.body.getBoundingClientRect();
  const launcher = part(make(), 'launcher');
  const box = launcher.getBoundingClientRect();
  expect(launcher.matches(':popover-open')).toBe(true);
  expect([box.width, box.height]).toEqual([56, 56]);
  expect([innerWidth - box.right, innerHeight - box.bottom]).toEqual([20, 20]);
  expect(document.body.getBoundingClientRect()).toEqual(before);
});

it('stores nothing and connects to nothing for a new visitor, even when the page opens it', () => {
  const before = performance.getEntriesByType('resource').length;
  const element = make({ site, open: '' });
  expect(isShown(part(element, 'panel'))).toBe(true);
  expect(part(element, 'cover').textContent).toContain('Start');
  expect(localStorage).toHaveLength(0);
  expect(performance.getEntriesByType('resource')).toHaveLength(before);
  expect(heard.map(({ name }) => name)).toEqual(['parley-open']);
});

it('opens and closes by its attribute, one of launcher and panel at a time', () => {
  const element = make();
  const [launcher, panel] = [part(element, 'launcher'), part(element, 'panel')];
  element.setAttribute('open', '');
  expect([isShown(launcher), isShown(panel)]).toEqual([false, true]);
  element.close();
  expect([isShown(launcher), isShown(panel)]).toEqual([true, false]);
  expect(element.shadowRoot?.activeElement).toBe(launcher);
  expect(heard.map(({ name }) => name)).toEqual(['parley-open', 'parley-close']);
});

it('closes on Escape', () => {
  const element = make({ site, open: '' });
  part(element, 'panel').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  expect(element.hasAttribute('open')).toBe(false);
});

it('survives being moved, and comes back after being removed', () => {
  const element = make();
  const frame = document.createElement('div');
  document.body.append(frame);
  frame.append(element);
  expect(isShown(part(element, 'launcher'))).toBe(true);
  element.remove();
  document.body.append(element);
  expect(part(element, 'launcher').matches(':popover-open')).toBe(true);
});

it('comes back whole a hundred times: one launcher, one panel, nothing said twice', () => {
  const element = make({ site, open: '' });
  const places = [document.body, document.createElement('div'), document.createElement('section')];
  document.body.append(...places.slice(1));
  for (let round = 0; round < 100; round += 1) {
    element.remove();
    places[round % 3]?.append(element);
  }
  expect(isShown(part(element, 'panel'))).toBe(true);
  expect(element.shadowRoot?.children).toHaveLength(2);
  expect(part(element, 'panel').querySelectorAll('.wait')).toHaveLength(1);
  expect(heard.map(({ name }) => name)).toEqual(['parley-open']);
});

it('offers to start again when it comes back long after it went, still open', async () => {
  const element = make({ site, open: '' });
  element.remove();
  await vi.waitFor(
    () => {
      expect(part(element, 'panel').hidden).toBe(true);
    },
    { timeout: 5_000 },
  );
  part(element, 'panel').replaceChildren();
  document.body.append(element);
  expect(part(element, 'cover').textContent).toContain('Start');
});

it('takes no looks from what the page makes its elements inherit', () => {
  const style = document.createElement('style');
  style.textContent = `* { all: unset !important; display: block !important; visibility: hidden !important;
    pointer-events: none !important; font: 3px/1 serif !important; letter-spacing: 1em !important;
    text-transform: uppercase !important; cursor: wait !important; opacity: 0 !important }`;
  document.body.append(style);
  const element = make();
  const launcher = getComputedStyle(part(element, 'launcher'));
  expect([launcher.width, launcher.visibility, launcher.pointerEvents]).toEqual([
    '56px',
    'visible',
    'auto',
  ]);
  element.open();
  const cover = getComputedStyle(part(element, 'cover'));
  expect([cover.visibility, cover.letterSpacing, cover.textTransform, cover.fontSize]).toEqual([
    'visible',
    'normal',
    'none',
    '15px',
  ]);
});

it('comes to the top again when it is asked for, over what was opened after it', () => {
  const element = make({ site, open: '' });
  const curtain = document.createElement('div');
  curtain.popover = 'manual';
  curtain.style.cssText = 'inset: 0; width: 100vw; height: 100vh';
  document.body.append(curtain);
  curtain.showPopover();
  const { left, top } = part(element, 'panel').getBoundingClientRect();
  expect(document.elementFromPoint(left + 40, top + 40)).toBe(curtain);
  element.open();
  expect(document.elementFromPoint(left + 40, top + 40)).toBe(element);
  expect(heard.map(({ name }) => name)).toEqual(['parley-open']);
});

it('shows one of two elements of the same site, and the other when the first goes', () => {
  const [first, second] = [make(), make()];
  expect([first, second].map((one) => isShown(part(one, 'launcher')))).toEqual([true, false]);
  expect(heard.at(-1)).toEqual({ name: 'parley-error', detail: { code: 'already_on_page' } });
  first.remove();
  expect(isShown(part(second, 'launcher'))).toBe(true);
});

it('says that its site is missing instead of showing a button that does nothing', () => {
  const element = make({});
  expect(isShown(part(element, 'launcher'))).toBe(false);
  expect(heard).toEqual([{ name: 'parley-error', detail: { code: 'site_missing' } }]);
});

it.each([
  ['en-GB', 'Open chat'],
  ['hi', 'चैट खोलें'],
  ['hi-IN', 'चैट खोलें'],
  ['fr', 'Open chat'],
])('speaks the language %s', (lang, label) => {
  expect(part(make({ site, lang }), 'launcher').getAttribute('aria-label')).toBe(label);
});

it('takes the server from its attribute, or from where the script came', () => {
  expect(make({ site, server: 'https://chat.example/' }).options.server).toBe(
    'https://chat.example',
  );
  expect(make().options.server).toBe(new URL(import.meta.url).origin);
});

it('goes dark when asked to, whatever the system says', () => {
  const launcher = part(make({ site, theme: 'dark' }), 'launcher');
  expect(getComputedStyle(launcher).colorScheme).toBe('dark');
});

it('reads what an earlier visit left, and nothing else', () => {
  expect(isReturning('https://chat.example', site)).toBe(false);
  localStorage.setItem(`parley https://chat.example ${site}`, '1');
  expect(isReturning('https://chat.example', site)).toBe(true);
  expect(preferred('theme')).toBeNull();
});
