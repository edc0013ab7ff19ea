import { css } from 'lit';

export const styles = css`
  .picture {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: cover;
    background: oklch(0.12 0.01 250);
    opacity: 0;
    transition: opacity var(--_slow) var(--_out);
  }
  .seen .picture {
    opacity: 1;
  }
  .room {
    position: relative;
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
  }
  .top,
  .controls {
    position: relative;
    z-index: 2;
    transition:
      opacity var(--_slow) var(--_in-out),
      transform var(--_slow) var(--_in-out);
  }
  .top {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
    padding: max(14px, env(safe-area-inset-top)) 14px 32px 18px;
  }
  .controls {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 24px;
    margin-top: auto;
    padding: 40px 16px max(24px, env(safe-area-inset-bottom));
  }
  .seen .top {
    background: linear-gradient(oklch(0 0 0 / 0.62), oklch(0 0 0 / 0.4) 60%, transparent);
  }
  .seen .controls {
    background: linear-gradient(transparent, oklch(0 0 0 / 0.5));
  }
  .who {
    min-width: 0;
  }
  .who h1 {
    font-size: 17px;
    line-height: 22px;
    font-weight: 650;
  }
  .who p {
    display: flex;
    gap: 6px;
    font-size: 13px;
    line-height: 18px;
    font-variant-numeric: tabular-nums;
  }
  .top parley-safety-code {
    margin-inline-start: auto;
  }
  .face parley-avatar {
    --parley-avatar-size: 132px;
    margin: 40px 0 72px;
    border-radius: 50%;
    transition: box-shadow var(--_slow) var(--_out);
  }
  /* Rings like those on water, as long as their voice arrives. */
  .face .heard {
    box-shadow:
      0 0 0 20px oklch(1 0 0 / 0.07),
      0 0 0 44px oklch(1 0 0 / 0.045),
      0 0 0 72px oklch(1 0 0 / 0.025);
  }
  .face .who {
    max-width: 100%;
  }
  .face .who h1 {
    font-size: 26px;
    line-height: 32px;
    letter-spacing: -0.015em;
  }
  .face .who p {
    justify-content: center;
    margin-top: 6px;
    font-size: 17px;
    line-height: 24px;
    color: oklch(0.98 0.004 250 / 0.82);
  }
  .quiet .top,
  .quiet .controls {
    opacity: 0;
  }
  .quiet .top {
    transform: translateY(-8px);
  }
  .quiet .controls {
    transform: translateY(8px);
  }
  .group {
    display: flex;
    gap: 8px;
    padding: 6px;
    border-radius: 999px;
    background: oklch(0.2 0.02 250 / 0.55);
    backdrop-filter: blur(16px);
  }
  .control {
    position: relative;
    display: grid;
    place-items: center;
    width: 48px;
    height: 48px;
    border-radius: 50%;
    background: oklch(1 0 0 / 0.14);
    color: oklch(1 0 0);
    --parley-icon-size: 22px;
    transition: background-color var(--_fast) var(--_out);
  }
  .control.off {
    background: oklch(0.98 0 0);
    color: oklch(0.25 0.02 250);
  }
  .control.end {
    width: 60px;
    height: 60px;
    background: var(--_danger-fill);
  }
  .control:focus-visible {
    outline: 3px solid oklch(1 0 0);
    outline-offset: 2px;
  }
  .muted {
    position: absolute;
    z-index: 2;
    inset-inline: 0;
    bottom: 104px;
    display: grid;
    justify-items: center;
    pointer-events: none;
  }
  .muted span {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 4px 12px;
    border-radius: 999px;
    background: oklch(0.2 0.02 250 / 0.7);
    font-size: 13px;
    line-height: 20px;
    --parley-icon-size: 14px;
  }
  @media (forced-colors: active) {
    .control {
      border: 1px solid ButtonBorder;
    }
  }
`;
