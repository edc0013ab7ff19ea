/** Styles of the launcher and of the panel's frame. Constructed, so that no `style-src` of the page stands against them. */
const css = /* css */ `
:host {
  --_accent: var(--parley-accent, oklch(0.5 0.085 195));
  --_on-accent: var(--parley-on-accent, #fff);
  --_surface: var(--parley-surface, light-dark(oklch(0.99 0.003 80), oklch(0.2 0.008 250)));
  --_text: var(--parley-text, light-dark(oklch(0.25 0.01 80), oklch(0.93 0.006 250)));
  --_line: light-dark(oklch(0.91 0.005 80), oklch(0.3 0.01 250));
  --_edge: var(--parley-edge, 20px);
  display: contents;
  color-scheme: light dark;
  font: 400 15px/22px system-ui, 'Noto Sans', 'Noto Sans Devanagari', sans-serif;
}
:host([theme='light']) { color-scheme: light; }
:host([theme='dark']) { color-scheme: dark; --_accent: var(--parley-accent, oklch(0.62 0.09 195)); }
@media (prefers-color-scheme: dark) {
  :host(:not([theme='light'])) { --_accent: var(--parley-accent, oklch(0.62 0.09 195)); }
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
button { font: inherit; color: inherit; cursor: pointer; touch-action: manipulation; }
:focus-visible { outline: 3px solid var(--_surface); outline-offset: 0; box-shadow: 0 0 0 5px var(--_accent); }
.launcher, .panel { position: fixed; z-index: 2147483000; margin: 0; padding: 0; border: 0; overflow: visible; }
.launcher {
  inset: auto calc(var(--_edge) + env(safe-area-inset-right)) calc(var(--_edge) + env(safe-area-inset-bottom)) auto;
  width: 56px; height: 56px; border-radius: 50%;
  background: var(--_accent); color: var(--_on-accent);
  display: grid; place-items: center;
  box-shadow: 0 1px 2px rgb(0 0 0 / 0.16), 0 6px 20px rgb(0 0 0 / 0.2);
  transition: scale 120ms ease-out, box-shadow 120ms ease-out;
}
:host(:dir(rtl)) .launcher { inset-inline: auto calc(var(--_edge) + env(safe-area-inset-left)); }
.launcher:hover { scale: 1.05; }
.launcher:active { scale: 0.96; }
.launcher svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; display: block; }
.badge {
  position: absolute; inset: -4px -4px auto auto; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: oklch(0.58 0.2 25); color: #fff; box-shadow: 0 0 0 2px var(--_surface);
  font-size: 12px; line-height: 22px; font-weight: 600; font-variant-numeric: tabular-nums; text-align: center;
}
.panel {
  inset: auto calc(var(--_edge) + env(safe-area-inset-right)) calc(var(--_edge) + env(safe-area-inset-bottom)) auto;
  width: min(384px, 100vw - 32px); height: min(640px, 100dvh - 32px - env(safe-area-inset-bottom));
  max-block-size: calc(100dvh - var(--_edge) - 12px);
  border-radius: var(--parley-radius, 20px); overflow: hidden; background: var(--_surface); color: var(--_text);
  box-shadow: 0 0 0 1px var(--_line), 0 12px 48px rgb(0 0 0 / 0.22), 0 2px 8px rgb(0 0 0 / 0.12);
  transition: opacity 200ms ease-out, translate 200ms ease-out;
}
:host(:dir(rtl)) .panel { inset-inline: auto calc(var(--_edge) + env(safe-area-inset-left)); }
.panel::backdrop { display: none; }
@starting-style { .panel { opacity: 0; translate: 0 12px; } }
.cover { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 16px; padding: 24px; text-align: center; background: var(--_surface); text-wrap: pretty; }
.cover p { margin: 0; max-width: 34ch; }
.cover button { min-height: 44px; padding: 0 24px; border: 0; border-radius: 22px; background: var(--_accent); color: var(--_on-accent); font-weight: 600; }
.skeleton { position: absolute; inset: 0; }
.skeleton i { position: absolute; inset-inline-start: 16px; height: 12px; border-radius: 6px; background: var(--_line); animation: wait 1.4s ease-in-out infinite alternate; }
.skeleton i:nth-child(1) { top: 24px; width: 120px; height: 16px; border-radius: 8px; }
.skeleton i:nth-child(n + 2) { inset-inline-start: 72px; width: 180px; }
.skeleton i:nth-child(2) { top: 88px; } .skeleton i:nth-child(3) { top: 152px; width: 220px; } .skeleton i:nth-child(4) { top: 216px; width: 140px; }
@keyframes wait { from { opacity: 1; } to { opacity: 0.45; } }
@media (max-width: 480px) {
  .panel, :host(:dir(rtl)) .panel { inset: 0; width: 100%; height: var(--_height, 100dvh); max-block-size: none; border-radius: 0; }
}
@media (prefers-reduced-motion: reduce) { .launcher, .panel { transition: none; } .skeleton i { animation: none; } }
@media (forced-colors: active) { .launcher { border: 2px solid; } }
@media print { .launcher, .panel { display: none; } }
`;

/** Made once for all elements of the page. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
