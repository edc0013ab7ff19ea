import { css } from 'lit';

export const styles = css`
  :host {
    --parley-icon-size: 14px;
    display: block;
    padding-top: 2px;
    padding-inline: 12px;
  }
  :host([first]) {
    padding-top: 10px;
  }
  .row {
    position: relative;
    display: grid;
    justify-items: start;
    /* Room beside the bubble for the time. */
    margin-inline: 36px 58px;
  }
  .row.self {
    justify-items: end;
    margin-inline: 68px 4px;
  }
  parley-avatar {
    --parley-avatar-size: 28px;
    position: absolute;
    inset-inline-start: -36px;
    inset-block-end: 0;
  }
  .withmeta parley-avatar {
    inset-block-end: 18px;
  }
  .bubble {
    position: relative;
    max-width: min(44ch, 100%);
    padding: 8px 13px;
    border-radius: var(--_radius-bubble);
    background: var(--_peer);
    box-shadow: var(--_shadow-1);
    overflow-wrap: anywhere;
  }
  .text {
    display: block;
    /* Thousands of marks on one letter stay in their bubble. */
    overflow: clip;
    overflow-clip-margin: 8px;
    white-space: pre-wrap;
    unicode-bidi: plaintext;
    text-align: start;
    text-wrap: pretty;
  }
  .folded {
    max-height: 440px;
    overflow-clip-margin: 0;
    mask-image: linear-gradient(#000 380px, transparent);
  }
  .more {
    display: block;
    min-height: 32px;
    margin-bottom: -4px;
    color: var(--_accent);
    font-weight: 600;
  }
  .self .more {
    color: inherit;
  }
  .self .more:focus-visible {
    outline-color: var(--_on-own);
  }
  .bubble:focus-visible {
    outline-offset: 2px;
  }
  /* A corner is tight where the run goes on. */
  .peer:not(.first) .bubble {
    border-start-start-radius: var(--_radius-run);
  }
  .peer:not(.last) .bubble {
    border-end-start-radius: var(--_radius-run);
  }
  .self:not(.first) .bubble {
    border-start-end-radius: var(--_radius-run);
  }
  .self:not(.last) .bubble {
    border-end-end-radius: var(--_radius-run);
  }
  .self .bubble {
    background: var(--_own);
    color: var(--_on-own);
    box-shadow: none;
  }
  .self .bubble:focus-visible {
    outline-color: var(--_accent);
  }
  .bubble.large {
    padding: 2px 0;
    background: none;
    box-shadow: none;
    font-size: 40px;
    line-height: 48px;
  }
  .bubble.faint {
    background: none;
    box-shadow: inset 0 0 0 1px var(--_line);
    color: var(--_text-2);
    font-size: 13px;
    line-height: 18px;
    display: flex;
    gap: 8px;
    align-items: center;
    white-space: normal;
  }
  a {
    text-decoration: underline;
    text-decoration-thickness: 1px;
    text-underline-offset: 2px;
    unicode-bidi: isolate;
  }
  .peer a {
    color: var(--_accent);
  }
  .self a:focus-visible {
    outline-color: var(--_on-own);
  }
  .meta {
    display: flex;
    align-items: center;
    gap: 4px;
    min-height: 14px;
    margin-top: 4px;
    padding-inline: 4px;
  }
  .meta parley-icon {
    --parley-icon-size: 13px;
  }
  /* The time of those inside a run: beside them, on hover and focus. */
  .aside {
    position: absolute;
    inset-block-end: 9px;
    inset-inline-start: calc(100% + 8px);
    margin: 0;
    padding: 0;
    white-space: nowrap;
    opacity: 0;
    transition: opacity var(--_fast) var(--_out);
  }
  .self .aside {
    inset-inline: auto calc(100% + 8px);
  }
  .bubble:focus-visible .aside,
  .bubble:focus-within .aside,
  .aside.sending {
    opacity: 1;
  }
  @media (hover: hover) {
    .bubble:hover .aside {
      opacity: 1;
    }
  }
  .sending parley-icon {
    animation: appear 200ms 500ms backwards;
  }
  .failed {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    align-items: center;
    gap: 4px 12px;
    margin-top: 4px;
    font-size: 13px;
    line-height: 18px;
  }
  .failed span {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    color: var(--_danger);
    font-weight: 600;
  }
  .failed button,
  .more {
    position: relative;
  }
  /* A thumb needs more than the eye. */
  .failed button::after,
  .more::after {
    content: '';
    position: absolute;
    inset: -8px -6px;
  }
  .failed button {
    min-height: 24px;
    border-radius: 6px;
    color: var(--_accent);
    font-weight: 600;
  }
  .failed button:last-child {
    color: var(--_text-2);
  }
  /* Notices and calls: in the middle, no bubble. */
  .notice {
    display: flex;
    align-items: flex-start;
    justify-content: center;
    gap: 8px;
    max-width: 300px;
    margin: 8px auto;
    font-size: 12px;
    line-height: 17px;
    color: var(--_text-2);
    text-align: start;
  }
  .notice.encrypted {
    padding: 10px 14px;
    border-radius: 14px;
    background: color-mix(in oklab, var(--_success) 8%, transparent);
  }
  .notice parley-icon {
    margin-top: 1px;
  }
  .notice.key_changed {
    color: var(--_warning);
    font-weight: 600;
  }
  .notice.verified parley-icon,
  .notice.key_accepted parley-icon {
    color: var(--_success);
  }
  .call {
    display: grid;
    grid-template-columns: 36px auto auto;
    align-items: center;
    gap: 0 12px;
    padding: 10px 16px 10px 12px;
    min-width: 190px;
    text-align: start;
    white-space: normal;
  }
  .call .sign {
    display: grid;
    place-items: center;
    grid-row: span 2;
    width: 36px;
    height: 36px;
    border-radius: 50%;
    background: var(--_field);
    --parley-icon-size: 18px;
  }
  .self .call .sign {
    background: color-mix(in oklab, var(--_on-own) 16%, transparent);
  }
  .peer .missed .sign {
    background: var(--_danger-soft);
    color: var(--_danger);
  }
  .call b {
    grid-column: 2;
    font-weight: 600;
  }
  .call small {
    grid-column: 2;
    font-size: 12px;
    line-height: 16px;
    color: var(--_text-2);
    font-variant-numeric: tabular-nums;
  }
  .self .call small {
    color: var(--_on-own-2);
  }
  :host([fresh]) .row,
  :host([fresh]) .notice {
    animation: rise var(--_slow) var(--_out);
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @media (forced-colors: active) {
    .bubble {
      border: 1px solid CanvasText;
    }
    .self .bubble {
      border-width: 2px;
    }
  }
`;
