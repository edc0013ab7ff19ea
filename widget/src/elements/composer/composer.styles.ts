import { css } from 'lit';

export const styles = css`
  :host {
    --parley-button-size: 36px;
    position: relative;
    display: block;
    flex: none;
    padding: 8px 12px max(12px, env(safe-area-inset-bottom));
  }
  .box {
    display: flex;
    align-items: flex-end;
    padding: 4px;
    border-radius: 22px;
    background: var(--_surface-2);
    box-shadow:
      inset 0 0 0 1px var(--_line),
      var(--_shadow-1);
    transition: box-shadow var(--_fast) var(--_out);
  }
  .box:focus-within {
    box-shadow: inset 0 0 0 1.5px var(--_accent);
  }
  .bad .box {
    box-shadow: inset 0 0 0 1.5px var(--_danger);
  }
  textarea {
    flex: 1;
    min-width: 0;
    /* One line and six lines of 22 px with 7 px above and below. */
    height: 36px;
    max-height: 146px;
    padding-block: 7px;
    padding-inline: 14px 8px;
    overflow-y: auto;
    resize: none;
    font-size: 16px;
    line-height: 22px;
    scrollbar-width: thin;
  }
  textarea:focus-visible {
    outline: none;
  }
  textarea::placeholder {
    color: var(--_text-3);
    opacity: 1;
  }
  .send {
    display: grid;
    place-items: center;
    width: 36px;
    height: 36px;
    border-radius: 50%;
    background: var(--_accent);
    color: var(--_on-accent);
    transition:
      background-color var(--_fast) var(--_out),
      color var(--_fast) var(--_out),
      transform var(--_fast) var(--_out);
  }
  .send[aria-disabled='true'] {
    background: var(--_field);
    color: var(--_text-3);
    cursor: default;
  }
  .send:not([aria-disabled='true']):active {
    transform: scale(0.92);
  }
  .note {
    display: flex;
    justify-content: space-between;
    gap: 12px;
    padding: 0 14px 6px;
    font-size: 12px;
    line-height: 16px;
    color: var(--_text-2);
    font-variant-numeric: tabular-nums;
  }
  .bad .note {
    color: var(--_danger);
  }
  @media (forced-colors: active) {
    .box,
    .send {
      border: 1px solid CanvasText;
    }
  }
`;
