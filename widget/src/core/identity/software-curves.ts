/** Curve25519 in software, for platforms without it: a module of its own, so that only they load it. */
export { ed25519, x25519 } from '@noble/curves/ed25519.js';
