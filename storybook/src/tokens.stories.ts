import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { expect } from 'storybook/test';

/** The colours, and proof that what is written in them can be read whatever accent a site brings. */
const meta: Meta = { title: 'Tokens' };
export default meta;

/** Foreground, background, and the least contrast: 4.5 for text, 3 for signs and edges (WCAG 2.2, 1.4.3 and 1.4.11). */
const pairs: readonly [front: string, back: string, least: number][] = [
  ...['surface-0', 'surface-1', 'surface-2', 'surface-3', 'peer'].flatMap((surface) => [
    ['text', surface, 4.5] as [string, string, number],
    ['text-2', surface, 4.5] as [string, string, number],
    ['text-3', surface, 4.5] as [string, string, number],
    ['accent', surface, 4.5] as [string, string, number],
    ['danger', surface, 4.5] as [string, string, number],
    ['warning', surface, 4.5] as [string, string, number],
    ['success', surface, 4.5] as [string, string, number],
  ]),
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['on-own', 'own', 4.5],
  ['on-own-2', 'own', 4.5],
  ['on-fill', 'danger-fill', 4.5],
  ['on-fill', 'success-fill', 4.5],
  ['accent', 'accent-soft', 4.5],
  ['text', 'accent-soft', 4.5],
  ['warning', 'warning-soft', 4.5],
  ['text', 'warning-soft', 4.5],
  ['danger', 'danger-soft', 4.5],
  ['text', 'danger-soft', 4.5],
  ['line-strong', 'surface-1', 3],
];

/** What sites might bring: the default, dark, pale, grey, black and the whole circle of strong hues. */
const accents = [
  '',
  '#000000',
  '#ffffff',
  '#808080',
  '#ffe600',
  '#00ff00',
  '#1d4ed8',
  '#db2777',
  ...Array.from({ length: 12 }, (_, step) => `oklch(0.65 0.2 ${String(step * 30)})`),
];

const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

/** A colour over another as sRGB numbers, as the browser itself computes it. */
function pixel(colours: readonly string[]): number[] {
  if (!canvas) return [];
  canvas.clearRect(0, 0, 1, 1);
  for (const colour of colours) {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
  }
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

/** WCAG 2.2, relative luminance. */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(front: string, back: string): number {
  const one = luminance(pixel([back, front]));
  const other = luminance(pixel([back]));
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** Every pair that falls short, for one scheme and one accent. */
function shortcomings(root: HTMLElement, scheme: string, accent: string): string[] {
  const probe = document.createElement('div');
  root.append(probe);
  probe.style.colorScheme = scheme;
  if (accent === '') root.style.removeProperty('--parley-accent');
  else root.style.setProperty('--parley-accent', accent);
  const read = (token: string): string => {
    probe.style.color = `var(--_${token})`;
    return getComputedStyle(probe).color;
  };
  const found = pairs.flatMap(([front, back, least]) => {
    const ratio = contrast(read(front), read(back));
    return ratio < least
      ? [`${scheme}, accent ${accent}: ${front} on ${back} is ${ratio.toFixed(2)}`]
      : [];
  });
  probe.remove();
  return found;
}

export const Contrast: StoryObj = {
  render: () =>
    html`<table>
      ${pairs.map(
        ([front, back]) =>
          html`<tr style="background: var(--_${back}); color: var(--_${front})">
            <td>${front} on ${back}</td>
          </tr>`,
      )}
    </table>`,
  // The loop below measures everything, and more exactly.
  parameters: { a11y: { test: 'off' } },
  play: async ({ canvasElement }) => {
    const root = canvasElement.querySelector<HTMLElement>('.parley-story');
    if (!root) throw new Error('no root');
    const found = ['light', 'dark'].flatMap((scheme) =>
      accents.flatMap((accent) => shortcomings(root, scheme, accent)),
    );
    root.style.removeProperty('--parley-accent');
    await expect(found).toEqual([]);
  },
};
