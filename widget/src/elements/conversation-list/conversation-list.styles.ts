import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    background: var(--_surface-1);
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--_press) transparent;
    padding: 0 8px calc(56px + env(safe-area-inset-bottom));
  }
  .row {
    display: grid;
    grid-template-columns: 48px 1fr auto;
    align-items: center;
    gap: 0 12px;
    width: 100%;
    height: 72px;
    padding-inline: 12px;
    border-radius: 16px;
    transition: background-color var(--_fast) var(--_out);
  }
  @media (hover: hover) {
    .row:hover {
      background: var(--_hover);
    }
  }
  .row:active {
    background: var(--_press);
  }
  .row:focus-visible {
    outline-offset: -2px;
  }
  parley-avatar {
    --parley-avatar-size: 48px;
    grid-row: span 2;
  }
  .name {
    display: flex;
    align-self: end;
    align-items: center;
    gap: 4px;
    min-width: 0;
    font-weight: 600;
  }
  .name parley-icon {
    --parley-icon-size: 16px;
    color: var(--_accent);
  }
  .time {
    align-self: end;
    line-height: 22px;
  }
  .preview {
    display: flex;
    align-self: start;
    align-items: center;
    gap: 4px;
    min-width: 0;
    margin-top: 1px;
    --parley-icon-size: 14px;
  }
  .preview.missed,
  .preview.alert {
    color: var(--_danger);
  }
  .draft {
    color: var(--_accent);
    font-weight: 600;
  }
  .unread .name {
    font-weight: 700;
  }
  .unread .time {
    color: var(--_accent);
    font-weight: 600;
  }
  .unread .preview {
    color: var(--_text);
  }
  .badge {
    align-self: start;
    justify-self: end;
    min-width: 20px;
    padding-inline: 6px;
    border-radius: 10px;
    background: var(--_accent);
    color: var(--_on-accent);
    font-size: 12px;
    line-height: 20px;
    font-weight: 650;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  .empty {
    display: flex;
    flex: 1;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 4px;
    min-height: 0;
    padding: 0 32px 48px;
    text-align: center;
  }
  .empty parley-art {
    margin-bottom: 16px;
  }
  .empty > p {
    color: var(--_text-2);
    text-wrap: balance;
  }
  .empty > parley-button {
    margin-top: 20px;
  }
  .yours {
    margin-top: 28px;
    font-size: 13px;
    line-height: 18px;
    color: var(--_text-2);
  }
  .copy {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    max-width: 100%;
    margin-top: 4px;
    padding: 6px 8px 6px 12px;
    border-radius: 10px;
    background: var(--_field);
    color: var(--_text);
    font-weight: 600;
    --parley-icon-size: 16px;
  }
  .copy parley-icon {
    color: var(--_text-2);
  }
  @media (forced-colors: active) {
    .badge {
      border: 1px solid CanvasText;
    }
  }
`;
