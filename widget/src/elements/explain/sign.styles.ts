import { css } from 'lit';

/** The round sign on top of a sheet. Its element sets `--_sign` and `--_sign-soft`. */
export const sign = css`
  :host {
    display: contents;
  }
  .sign {
    display: grid;
    place-items: center;
    width: 48px;
    height: 48px;
    border-radius: 50%;
    background: var(--_sign-soft);
    color: var(--_sign);
    --parley-icon-size: 24px;
  }
`;
