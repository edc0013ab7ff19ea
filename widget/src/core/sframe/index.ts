/** SFrame (RFC 9605) for our calls: end-to-end encryption of media frames. */
export { CallCipher, newPublication, type Publication } from './call-cipher.js';
export { baseKeyBytes, suites, type SuiteNumber } from './cipher.js';
export { isKeyFrame, type MediaKind } from './codec.js';
export { sendersMax } from './key-id.js';
