/** Every colour, size and duration of the look as custom properties; elements use these and nothing of their own. */
import { css } from 'lit';

/** The declarations alone, so that a page without `parley-app` (Storybook) can put them on its own root.
 *
 * Colours are OKLCH. The site gives `--parley-accent`, of any lightness: what is derived from it keeps its hue and
 * chroma and moves its lightness to where text on it, and it on surfaces, stays legible (tested for many hues). */
export const tokenDeclarations = css`
  --_base: var(--parley-accent, oklch(0.485 0.083 192));

  /* Surfaces rise from 0 (behind) to 3 (menus); warm in light, cool in dark. */
  --_surface-0: light-dark(oklch(0.967 0.005 85), oklch(0.19 0.012 250));
  --_surface-1: light-dark(oklch(0.995 0.002 85), oklch(0.225 0.013 250));
  --_surface-2: light-dark(oklch(0.995 0.002 85), oklch(0.285 0.014 250));
  --_surface-3: light-dark(oklch(1 0 0), oklch(0.315 0.015 250));
  --_text: light-dark(oklch(0.24 0.012 70), oklch(0.955 0.005 250));
  --_text-2: light-dark(oklch(0.47 0.013 70), oklch(0.76 0.012 250));
  --_text-3: light-dark(oklch(0.52 0.013 70), oklch(0.7 0.013 250));
  --_line: light-dark(oklch(0.24 0.012 70 / 0.09), oklch(0.97 0.005 250 / 0.09));
  --_line-strong: light-dark(oklch(0.24 0.012 70 / 0.5), oklch(0.97 0.005 250 / 0.5));
  --_hover: light-dark(oklch(0.24 0.012 70 / 0.05), oklch(0.97 0.005 250 / 0.07));
  --_press: light-dark(oklch(0.24 0.012 70 / 0.09), oklch(0.97 0.005 250 / 0.12));
  --_field: light-dark(oklch(0.24 0.012 70 / 0.045), oklch(0.97 0.005 250 / 0.07));
  --_scrim: light-dark(oklch(0.2 0.01 70 / 0.38), oklch(0.08 0.01 250 / 0.62));

  /* The accent: filled areas, and as text or sign on a surface. Dark lifts it. */
  --_accent: light-dark(
    oklch(from var(--_base) clamp(0.3, l, 0.485) min(c, 0.19) h),
    oklch(from var(--_base) clamp(0.79, l, 0.9) min(c, 0.13) h)
  );
  --_on-accent: light-dark(oklch(0.995 0.004 85), oklch(0.2 0.02 250));
  --_accent-hover: color-mix(in oklab, var(--_accent) 90%, var(--_text));
  --_accent-soft: color-mix(in oklab, var(--_accent) 7%, var(--_surface-1));
  --_accent-line: color-mix(in oklab, var(--_accent) 32%, transparent);
  --_own: light-dark(
    oklch(from var(--_base) clamp(0.3, l, 0.485) min(c, 0.17) h),
    oklch(from var(--_base) clamp(0.32, l, 0.43) min(c, 0.13) h)
  );
  --_on-own: oklch(0.99 0.004 85);
  --_on-own-2: color-mix(in oklab, var(--_on-own) 93%, var(--_own));
  --_peer: light-dark(oklch(1 0 0), oklch(0.285 0.014 250));

  --_success: light-dark(oklch(0.5 0.12 152), oklch(0.8 0.14 155));
  --_warning: light-dark(oklch(0.5 0.105 68), oklch(0.84 0.125 82));
  --_warning-soft: color-mix(in oklab, var(--_warning) 11%, var(--_surface-1));
  --_danger: light-dark(oklch(0.52 0.19 25), oklch(0.76 0.14 23));
  --_danger-soft: color-mix(in oklab, var(--_danger) 10%, var(--_surface-1));
  --_danger-fill: oklch(0.56 0.205 25);
  --_success-fill: oklch(0.53 0.125 152);
  --_on-fill: oklch(0.995 0 0);

  --_font: var(
    --parley-font,
    system-ui,
    -apple-system,
    'Segoe UI',
    Roboto,
    'Noto Sans',
    'Noto Sans Devanagari',
    'Kohinoor Devanagari',
    'Noto Naskh Arabic',
    sans-serif
  );
  --_mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', 'Noto Sans Mono', monospace;

  --_radius-panel: var(--parley-radius, 20px);
  --_radius-bubble: 18px;
  --_radius-run: 6px;
  --_radius-field: 12px;

  --_shadow-1: 0 1px 2px light-dark(oklch(0.3 0.02 70 / 0.07), oklch(0 0 0 / 0.25));
  --_shadow-2:
    0 2px 6px light-dark(oklch(0.3 0.02 70 / 0.08), oklch(0 0 0 / 0.3)),
    0 8px 24px light-dark(oklch(0.3 0.02 70 / 0.12), oklch(0 0 0 / 0.4));
  --_shadow-3:
    0 0 0 1px light-dark(oklch(0.3 0.02 70 / 0.06), oklch(1 0 0 / 0.09)),
    0 4px 12px light-dark(oklch(0.3 0.02 70 / 0.08), oklch(0 0 0 / 0.3)),
    0 24px 64px light-dark(oklch(0.3 0.02 70 / 0.2), oklch(0 0 0 / 0.55));

  --_fast: 120ms;
  --_slow: 200ms;
  --_out: cubic-bezier(0.2, 0.7, 0.2, 1);
  --_in-out: cubic-bezier(0.5, 0, 0.2, 1);
`;

/** The tokens for the element at the root of everything, `parley-app`. */
export const tokens = css`
  :host {
    ${tokenDeclarations}
    color-scheme: light dark;
    font: 400 15px/22px var(--_font);
    color: var(--_text);
    text-align: start;
    letter-spacing: normal;
    text-transform: none;
    word-spacing: normal;
    white-space: normal;
    -webkit-text-size-adjust: none;
    text-size-adjust: none;
    -webkit-font-smoothing: antialiased;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
`;
