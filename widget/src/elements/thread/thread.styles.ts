import { css } from 'lit';

export const styles = css`
  :host {
    position: relative;
    display: flex;
    flex: 1;
    min-height: 0;
  }
  .scroll {
    flex: 1;
    min-width: 0;
    overflow: hidden auto;
    overscroll-behavior: contain;
    /* Anchored by hand, because not every browser anchors. */
    overflow-anchor: none;
    scrollbar-width: thin;
    scrollbar-color: var(--_press) transparent;
    outline-offset: -2px;
  }
  .waiting {
    display: flex;
    flex-direction: column;
  }
  /* Lines are placed in it, and it says where they are. */
  .content {
    position: relative;
    display: flow-root;
    padding-block: 4px 8px;
  }
  /* In what a short talk leaves free: with whom. */
  .peer {
    --parley-avatar-size: 80px;
    display: grid;
    justify-items: center;
    margin: 0 24px;
    padding: 56px 0 16px;
    overflow-wrap: anywhere;
    text-align: center;
  }
  .peer .title {
    margin-top: 12px;
  }
  parley-skeleton {
    flex: none;
    margin-top: auto;
    padding-bottom: 8px;
  }
  /* A day grows at its beginning when older lines come: seen, that would count as a shift. */
  ol {
    display: flow-root;
    visibility: hidden;
  }
  li {
    visibility: visible;
  }
  /* It sticks with a ground as wide as the talk: no line stands half under it. */
  .day {
    position: sticky;
    z-index: 2;
    top: 0;
    margin-top: 8px;
    padding: 10px 0 8px;
    background: linear-gradient(var(--_surface-0) 28px, transparent);
    text-align: center;
    font-size: 11px;
    line-height: 16px;
    font-weight: 600;
    color: var(--_text-2);
  }
  .unread {
    display: flex;
    align-items: center;
    gap: 12px;
    margin: 16px 16px 4px;
    font-size: 12px;
    line-height: 16px;
    font-weight: 600;
    color: var(--_accent);
  }
  .unread::before,
  .unread::after {
    content: '';
    flex: 1;
    height: 1px;
    background: var(--_accent-line);
  }
  .more {
    display: grid;
    place-items: center;
    height: 40px;
    color: var(--_text-3);
  }
  .pill {
    position: absolute;
    z-index: 3;
    bottom: 10px;
    /* It grows with its number: laid out from the edge and moved in, that shifts nothing. */
    inset-inline-start: 100%;
    translate: calc(-100% - 12px);
    display: flex;
    width: max-content;
    align-items: center;
    gap: 6px;
    height: 36px;
    min-width: 36px;
    padding-inline: 9px;
    border-radius: 999px;
    background: var(--_surface-3);
    box-shadow: var(--_shadow-2);
    font-size: 13px;
    font-weight: 600;
    animation: rise var(--_fast) var(--_out);
    --parley-icon-size: 18px;
  }
  .pill:dir(rtl) {
    translate: calc(100% + 12px);
  }
  .pill.new {
    padding-inline: 9px 14px;
    color: var(--_accent);
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(6px);
    }
  }
  @media (forced-colors: active) {
    .pill {
      border: 1px solid CanvasText;
    }
  }
`;
