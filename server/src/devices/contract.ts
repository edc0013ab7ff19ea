/** The wire contract of devices: registration, revocation, key packages. */
import { z } from 'zod';
import { deviceSchema, proofSchema } from '../accounts/contract.js';
import { addressSchema, bytesSchema, deviceIdSchema } from '../ids.js';
import { limits } from '../limits.js';

/** A further device of an account: its certificate is the right to join. Answers a session grant. */
export const registerInput = z.object({
  address: addressSchema,
  device: deviceSchema,
  proof: proofSchema,
});

export const devicesOutput = z.array(deviceSchema.extend({ createdAt: z.number() }));

/** One's own device. Revoking the last one frees the handle, which then rests. */
export const revokeInput = z.object({ deviceId: deviceIdSchema });

const keyPackageSchema = bytesSchema(limits.keyPackageBytesMax);

export const publishInput = z.object({
  /** MLS KeyPackage structures (RFC 9420, section 10), bare, not in an MLSMessage. */
  oneTime: z.array(keyPackageSchema).max(limits.keyPackagesPerPublishMax),
  /** Replaces the last-resort package when given. */
  lastResort: keyPackageSchema.optional(),
});
export const stockOutput = z.object({ oneTime: z.number().int(), lastResort: z.boolean() });

export const claimKeyPackagesInput = z.object({ address: addressSchema });
/** One package per device of the account, its certificate inside; one-time ones are gone then. */
export const claimKeyPackagesOutput = z.array(
  z.object({ deviceId: deviceIdSchema, keyPackage: keyPackageSchema }),
);
