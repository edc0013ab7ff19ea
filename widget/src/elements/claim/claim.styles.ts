import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    background: var(--_surface-1);
  }
  parley-header {
    position: absolute;
    inset: 0 0 auto;
    pointer-events: none;
  }
  form {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    padding: 32px 24px calc(64px + env(safe-area-inset-bottom));
    overflow: auto;
  }
  parley-art {
    flex: none;
    margin: 0 auto 16px;
  }
  .intro {
    margin-bottom: 20px;
    text-align: center;
  }
  .intro p {
    margin-top: 4px;
    color: var(--_text-2);
    text-wrap: balance;
  }
  parley-field + parley-field {
    margin-top: 12px;
  }
  .key {
    display: grid;
    grid-template-columns: 20px 1fr;
    gap: 0 12px;
    margin-top: auto;
    padding: 12px 0 16px;
    font-size: 13px;
    line-height: 18px;
    color: var(--_text-2);
  }
  .key parley-icon {
    color: var(--_accent);
  }
  .key b {
    color: var(--_text);
    font-weight: 600;
  }
  .error {
    --parley-icon-size: 16px;
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    margin-bottom: 12px;
    font-size: 13px;
    line-height: 18px;
    color: var(--_danger);
  }
  /* What one has to do comes before what is nice to see. */
  @media (max-height: 620px) {
    parley-art {
      display: none;
    }
  }
`;
