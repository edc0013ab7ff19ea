/** Styles of the launcher and of what stands in the panel until the app is there; the app brings its own surface.
 * Constructed, so that no `style-src` of the page stands against them. */
const css = /* css */ `
:host {
  --_base: var(--parley-accent, oklch(0.52 0.088 192));
  --_accent: light-dark(oklch(from var(--_base) clamp(0.3, l, 0.53) min(c, 0.19) h), oklch(from var(--_base) clamp(0.79, l, 0.9) min(c, 0.13) h));
  --_on-accent: light-dark(oklch(0.995 0.004 85), oklch(0.2 0.02 250));
  --_surface: light-dark(oklch(0.995 0.002 85), oklch(0.225 0.013 250));
  --_text: light-dark(oklch(0.24 0.012 70), oklch(0.955 0.005 250));
  --_line: light-dark(oklch(0.24 0.012 70 / 0.09), oklch(0.97 0.005 250 / 0.09));
  --_edge: var(--parley-edge, 20px);
  display: contents;
}
:host([hidden]), [hidden] { display: none !important; }
/* Whatever the page makes its own elements inherit ends here. */
:where(.launcher, .panel) { all: initial; }
* { box-sizing: border-box; }
.launcher, .panel {
  position: fixed; z-index: 2147483000; margin: 0; padding: 0; border: 0; overflow: visible;
  inset: auto calc(var(--_edge) + env(safe-area-inset-right)) calc(var(--_edge) + env(safe-area-inset-bottom)) auto;
  color-scheme: light dark; font: 400 15px/22px var(--parley-font, system-ui, 'Noto Sans', 'Noto Sans Devanagari', sans-serif);
}
:host(:dir(rtl)) :is(.launcher, .panel) { right: auto; left: calc(var(--_edge) + env(safe-area-inset-left)); }
[data-theme='light'] { color-scheme: light; }
[data-theme='dark'] { color-scheme: dark; }
button { font: inherit; cursor: pointer; touch-action: manipulation; background: var(--_accent); color: var(--_on-accent); }
:focus-visible { outline: 2px solid var(--_surface); box-shadow: 0 0 0 5px var(--_accent); }
.launcher {
  width: 56px; height: 56px; border-radius: 50%; display: grid; place-items: center;
  box-shadow: 0 0 0 1px var(--_line), 0 2px 6px rgb(0 0 0 / 0.14), 0 8px 24px rgb(0 0 0 / 0.2);
  transition: scale 120ms ease-out;
}
.launcher:focus-visible { box-shadow: 0 0 0 5px var(--_accent), 0 8px 24px rgb(0 0 0 / 0.2); outline-offset: 0; }
.launcher:hover { scale: 1.05; }
.launcher:active { scale: 0.96; }
svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; display: block; }
.badge {
  position: absolute; top: -4px; inset-inline-end: -4px; min-width: 22px; padding: 0 6px; border-radius: 11px;
  background: oklch(0.56 0.205 25); color: #fff; box-shadow: 0 0 0 2px var(--_surface);
  font-size: 12px; line-height: 22px; font-weight: 600; font-variant-numeric: tabular-nums; text-align: center;
}
.panel { display: block; transition: opacity 200ms ease-out, translate 200ms ease-out; }
.panel:focus-visible { outline: none; box-shadow: none; }
@starting-style { .panel { opacity: 0; translate: 0 12px; } }
.wait {
  position: relative; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 16px; padding: 32px;
  width: min(var(--parley-width, 384px), 100vw - 16px); height: min(var(--parley-height, 640px), 100dvh - 32px);
  border-radius: var(--parley-radius, 20px); background: var(--_surface); color: var(--_text);
  box-shadow: 0 0 0 1px var(--_line), 0 4px 12px rgb(0 0 0 / 0.08), 0 24px 64px rgb(0 0 0 / 0.2);
  text-align: center; text-wrap: pretty;
}
.wait p { margin: 0; max-width: 34ch; }
.wait button { min-height: 44px; padding: 0 24px; border: 0; border-radius: 22px; font-weight: 600; }
.wait i { align-self: start; width: 60%; height: 12px; border-radius: 6px; background: var(--_line); animation: wait 1.4s ease-in-out infinite alternate; }
.wait[aria-busy] { justify-content: start; }
@keyframes wait { to { opacity: 0.4; } }
@media (max-width: 479.98px) {
  :host .panel.panel { inset: 0; }
  .wait { width: 100vw; height: 100dvh; border-radius: 0; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
@media (forced-colors: active) { .launcher, .wait { border: 2px solid; } }
@media print { .launcher, .panel { display: none; } }
`;

/** Made once for all elements of the page. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
