import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    background: var(--_surface-0);
  }
  parley-header {
    background: var(--_surface-1);
    box-shadow: 0 1px 0 var(--_line);
  }
  /* Over what stands above: what comes and goes here moves nothing. */
  .strips {
    position: relative;
    z-index: 3;
  }
  .strips div {
    position: absolute;
    inset: 0 0 auto;
  }
  .who {
    position: relative;
    display: grid;
    grid-template-columns: 36px 1fr;
    align-items: center;
    gap: 0 10px;
    min-width: 0;
    padding: 4px;
    border-radius: 12px;
  }
  @media (hover: hover) {
    .who:hover {
      background: var(--_hover);
    }
  }
  parley-avatar {
    --parley-avatar-size: 36px;
    grid-row: span 2;
  }
  h1 {
    display: flex;
    align-items: center;
    gap: 4px;
    min-width: 0;
    font-weight: 620;
    line-height: 20px;
  }
  h1 parley-icon {
    --parley-icon-size: 16px;
    color: var(--_accent);
  }
  .details {
    min-width: 0;
    line-height: 20px;
  }
  /* The whole block is the button's, but for the lock above it. */
  .details::after {
    content: '';
    position: absolute;
    inset: 0;
    border-radius: 12px;
  }
  .details:focus-visible {
    outline: none;
  }
  .details:focus-visible::after {
    outline: 2px solid var(--_accent);
  }
  .sub {
    display: flex;
    align-items: center;
    gap: 2px;
    min-width: 0;
    font-size: 12px;
    line-height: 16px;
    color: var(--_text-2);
  }
  /* Where there is no room for all, what stands between is cut: both ends tell who it is. */
  .address {
    display: flex;
    min-width: 0;
  }
  .address > :first-child {
    flex: none;
    max-width: 60%;
  }
  .site {
    direction: rtl;
  }
  parley-lock {
    position: relative;
    z-index: 1;
    margin-inline-start: -3px;
  }
`;
