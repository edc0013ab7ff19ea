import { css } from 'lit';

export const styles = css`
  :host {
    display: inline-flex;
    vertical-align: middle;
  }
  :host([block]) {
    display: flex;
  }
  button {
    position: relative;
    display: inline-flex;
    flex: 1;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 40px;
    padding: 0 16px;
    border-radius: 999px;
    font-weight: 600;
    white-space: nowrap;
    transition:
      background-color var(--_fast) var(--_out),
      transform var(--_fast) var(--_out);
  }
  :host([block]) button {
    min-height: 44px;
  }
  button:not(:disabled):active {
    transform: scale(0.97);
  }
  .primary {
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .secondary {
    background: var(--_field);
  }
  .ghost {
    color: var(--_accent);
  }
  .danger {
    background: var(--_danger-fill);
    color: var(--_on-fill);
  }
  .danger-ghost {
    color: var(--_danger);
  }
  .plain {
    color: var(--_text-2);
  }
  @media (hover: hover) {
    .primary:not(:disabled):hover {
      background: var(--_accent-hover);
    }
    .secondary:not(:disabled):hover {
      background: var(--_press);
    }
    :is(.ghost, .plain, .danger-ghost):not(:disabled):hover {
      background: var(--_hover);
    }
    .plain:not(:disabled):hover {
      color: var(--_text);
    }
    .danger:not(:disabled):hover {
      background: color-mix(in oklab, var(--_danger-fill) 90%, black);
    }
  }
  button:disabled {
    opacity: 0.5;
  }
  button[aria-busy='true'] {
    opacity: 1;
  }
  .only {
    flex: none;
    width: var(--parley-button-size, 40px);
    min-height: 0;
    height: var(--parley-button-size, 40px);
    padding: 0;
  }
  /* A thumb needs more than the eye. */
  .only::after {
    content: '';
    position: absolute;
    inset: -6px -1px;
  }
  .tip {
    position: absolute;
    z-index: 5;
    top: calc(100% + 6px);
    inset-inline-start: 50%;
    padding: 3px 8px;
    border-radius: 8px;
    background: var(--_text);
    color: var(--_surface-1);
    font-size: 12px;
    line-height: 18px;
    font-weight: 500;
    white-space: nowrap;
    pointer-events: none;
    opacity: 0;
    translate: -50% -2px;
    transition:
      opacity var(--_fast) var(--_out),
      translate var(--_fast) var(--_out);
  }
  .tip:dir(rtl) {
    translate: 50% -2px;
  }
  :host([tip='end']) .tip {
    inset-inline: auto 0;
    translate: 0 -2px;
  }
  :host([tip='start']) .tip {
    inset-inline: 0 auto;
    translate: 0 -2px;
  }
  :host([tip='above']) .tip {
    top: auto;
    bottom: calc(100% + 6px);
  }
  button:focus-visible .tip {
    opacity: 1;
  }
  @media (hover: hover) {
    button:hover .tip {
      opacity: 1;
      transition-delay: 500ms;
    }
  }
  @media (forced-colors: active) {
    button {
      border: 1px solid ButtonBorder;
    }
  }
`;
