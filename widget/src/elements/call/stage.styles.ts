import { css } from 'lit';

/** What all screens of a call share: a dark room in the hue of the other person, whatever the theme. */
export const stage = css`
  :host {
    --parley-lock-color: oklch(0.86 0.13 155);
    position: absolute;
    z-index: 6;
    inset: 0;
    display: flex;
    flex-direction: column;
    overflow: hidden;
    border-radius: inherit;
    color-scheme: dark;
    color: oklch(0.98 0.004 250);
    background:
      radial-gradient(
        120% 70% at 50% 36%,
        oklch(0.44 0.085 var(--_hue, 200)) 0%,
        oklch(0.27 0.055 var(--_hue, 200)) 55%,
        transparent 100%
      ),
      oklch(0.17 0.025 var(--_hue, 200));
    animation: appear var(--_slow) var(--_out);
  }
  .face {
    display: flex;
    flex: 1;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    min-height: 0;
    padding: 24px 32px;
    text-align: center;
  }
  .face parley-avatar {
    /* Bright in the dark room. */
    color-scheme: light;
    --parley-avatar-size: 116px;
    position: relative;
    margin-bottom: 28px;
  }
  .name {
    font-size: 26px;
    line-height: 32px;
    font-weight: 650;
    letter-spacing: -0.015em;
    overflow-wrap: anywhere;
    /* A long name leaves room for the address, which nobody chooses freely. */
    display: -webkit-box;
    flex: none;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    text-wrap: balance;
  }
  .sub {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 4px;
    max-width: 100%;
    margin-top: 4px;
    overflow-wrap: anywhere;
    color: oklch(0.98 0.004 250 / 0.82);
    font-size: 13px;
    line-height: 18px;
  }
  .state {
    margin-top: 16px;
    line-height: 22px;
    font-variant-numeric: tabular-nums;
  }
  .actions {
    display: flex;
    align-items: flex-start;
    justify-content: center;
    gap: 12px;
    padding: 8px 16px max(28px, env(safe-area-inset-bottom));
  }
  .round {
    position: relative;
    display: flex;
    flex: 0 1 108px;
    flex-direction: column;
    align-items: center;
    gap: 8px;
    font-size: 12px;
    line-height: 16px;
    text-align: center;
    text-wrap: balance;
  }
  .round > span:first-child {
    display: grid;
    place-items: center;
    width: 64px;
    height: 64px;
    border-radius: 50%;
    background: oklch(1 0 0 / 0.16);
    color: oklch(1 0 0);
    --parley-icon-size: 26px;
    transition:
      transform var(--_fast) var(--_out),
      filter var(--_fast) var(--_out);
  }
  .round:active > span:first-child {
    transform: scale(0.94);
  }
  .round:focus-visible {
    outline: none;
  }
  .round:focus-visible > span:first-child {
    outline: 3px solid oklch(1 0 0);
    outline-offset: 3px;
  }
  @media (hover: hover) {
    .round:hover > span:first-child {
      filter: brightness(1.12);
    }
  }
  .round > .yes:first-child {
    background: var(--_success-fill);
  }
  .round > .no:first-child {
    background: var(--_danger-fill);
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @media (forced-colors: active) {
    .round > span:first-child {
      border: 1px solid ButtonBorder;
    }
  }
`;
