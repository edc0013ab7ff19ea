/** The one error of the MLS layer. */
import type { MlsErrorCode } from './contract.js';

/** Bytes from outside that could not be taken. The message is the code: what failed inside a cryptographic check
 * is of use to an attacker alone. */
export class MlsError extends Error {
  readonly code: MlsErrorCode;

  constructor(code: MlsErrorCode, options: { cause?: unknown } = {}) {
    super(code, options);
    this.name = 'MlsError';
    this.code = code;
  }
}
