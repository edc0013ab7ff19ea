/** The wire contract of accounts: handles, log-in by signed challenge, look-up by address. */
import { z } from 'zod';
import {
  accountIdSchema,
  addressSchema,
  bytesSchema,
  deviceIdSchema,
  exactBytesSchema,
} from '../ids.js';

export const availabilityInput = z.object({ handle: z.string().max(64) });
export const availabilityOutput = z.object({
  status: z.enum(['available', 'taken', 'reserved', 'invalid']),
});

/** 32 random bytes, valid once, for `limits.challengeSeconds`, for this site and this origin. */
export const challengeOutput = z.object({
  challenge: exactBytesSchema(32),
  /** The origin that the server saw, to be signed. */
  origin: z.string(),
  expiresAt: z.number(),
});

/** A device as its account vouches for it.
 *
 * `certificate` is the account key's Ed25519 signature over the MessagePack array
 * `["parley device certificate v1", address, accountKey, deviceId, signatureKey]`. */
export const deviceSchema = z.object({
  id: deviceIdSchema,
  /** The device's Ed25519 public key: its MLS signature key and its log-in key. */
  signatureKey: exactBytesSchema(32),
  certificate: exactBytesSchema(64),
});
export type Device = z.infer<typeof deviceSchema>;

/** Proof of the device key: its Ed25519 signature over the MessagePack array
 * `["parley log-in v1", siteKey, origin, challenge, deviceId]`. */
export const proofSchema = z.object({
  challenge: exactBytesSchema(32),
  signature: exactBytesSchema(64),
});

export const claimInput = z.object({
  /** Checked against the handle's rule and the reserved list; `handle_*` errors say which. */
  handle: z.string().max(64),
  /** Ed25519 public key of the account. */
  accountKey: exactBytesSchema(32),
  device: deviceSchema,
  proof: proofSchema,
});

export const sessionSchema = z.object({
  accountId: accountIdSchema,
  address: addressSchema,
  deviceId: deviceIdSchema,
  /** 32 random bytes; the server keeps only its SHA-256. */
  token: bytesSchema(32, 32),
  expiresAt: z.number(),
});
export type SessionGrant = z.infer<typeof sessionSchema>;

export const logInInput = z.object({ deviceId: deviceIdSchema, proof: proofSchema });

export const lookUpInput = z.object({ address: addressSchema });
/** `null`: nobody there, or nobody whom the caller's site reaches. */
export const lookUpOutput = z
  .object({
    address: addressSchema,
    accountKey: exactBytesSchema(32),
    devices: z.array(deviceSchema),
  })
  .nullable();
export type AccountCard = NonNullable<z.infer<typeof lookUpOutput>>;
