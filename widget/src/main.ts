/** Composition root in the page. */
import type { Attach } from './loader/contract.js';

export const attach: Attach = () => {
  throw new Error('internal');
};
