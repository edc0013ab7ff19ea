import { css } from 'lit';

export const styles = css`
  :host {
    display: inline-block;
    flex: none;
    width: var(--parley-icon-size, 20px);
    height: var(--parley-icon-size, 20px);
    line-height: 0;
  }
  svg {
    display: block;
    width: 100%;
    height: 100%;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  /* Directions turn with the reading direction; things do not. */
  :host(:is([name='back'], [name='next'])):dir(rtl) svg,
  :host(:is([name='back'], [name='next']):dir(rtl)) svg {
    transform: scaleX(-1);
  }
`;
