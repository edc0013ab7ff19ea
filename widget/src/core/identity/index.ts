/** Who people and their devices are: addresses, keys, certificates, safety numbers. */
export { domainOf, isAddress, parseAddress, parseHandle, shownAddress } from './address.js';
export {
  decodeCredential,
  encodeCredential,
  verifyCredential,
  type Credential,
} from './credential.js';
export {
  certifyDevice,
  createAccountIdentity,
  createDevice,
  newDeviceId,
  proveDevice,
  verifyCertificate,
  type CertifiedDevice,
} from './device.js';
export { generateSigningKey, sign, verify } from './ed25519.js';
export { accountHue, safetyNumber, type AccountRef } from './safety-number.js';
