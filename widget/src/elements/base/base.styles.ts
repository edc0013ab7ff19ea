/** What every element's shadow root starts from. */
import { css } from 'lit';

/** Reset, focus ring, type classes, text for screen readers alone, and no motion where none is wanted. */
export const base = css`
  :host {
    box-sizing: border-box;
    -webkit-tap-highlight-color: transparent;
  }
  :host([hidden]) {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
  h1,
  h2,
  h3,
  p,
  ol,
  ul,
  dl,
  dd {
    margin: 0;
    padding: 0;
    list-style: none;
    font: inherit;
  }
  p,
  h1,
  h2,
  h3 {
    text-wrap: pretty;
  }
  button,
  input,
  textarea {
    margin: 0;
    border: 0;
    padding: 0;
    background: none;
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
    text-align: inherit;
  }
  button {
    cursor: pointer;
    touch-action: manipulation;
  }
  button:disabled {
    cursor: default;
  }
  a {
    color: inherit;
  }
  :focus {
    outline: none;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .title {
    font-size: 20px;
    line-height: 26px;
    font-weight: 650;
    letter-spacing: -0.012em;
    text-wrap: balance;
  }
  .second {
    font-size: 13px;
    line-height: 18px;
    color: var(--_text-2);
  }
  .meta {
    font-size: 11px;
    line-height: 14px;
    color: var(--_text-3);
    font-variant-numeric: tabular-nums;
  }
  .cut {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    :host,
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
`;
