import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  :host(:not([open])) {
    display: none;
  }
`;
