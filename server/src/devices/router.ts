/** Devices on the wire. */
import { z } from 'zod';
import { sessionSchema } from '../accounts/contract.js';
import { ServerError } from '../errors.js';
import { publicProcedure, router, signedInProcedure } from '../trpc.js';
import {
  claimKeyPackagesInput,
  claimKeyPackagesOutput,
  devicesOutput,
  publishInput,
  registerInput,
  revokeInput,
  stockOutput,
} from './contract.js';
import { checkKeyPackage, type KeyPackageOwner } from './key-package-check.js';

export const devicesRouter = router({
  register: publicProcedure
    .input(registerInput)
    .output(sessionSchema)
    .mutation(async ({ ctx, input }) => {
      await ctx.services.rateLimits.take('signIn', ctx.connection.ip);
      return ctx.services.accounts.registerDevice(ctx.connection, input);
    }),

  list: signedInProcedure
    .input(z.void())
    .output(devicesOutput)
    .query(({ ctx }) => ctx.services.devices.list(ctx.session.accountId)),

  revoke: signedInProcedure
    .input(revokeInput)
    .output(z.void())
    .mutation(({ ctx, input }) => ctx.services.accounts.revokeDevice(ctx.session, input.deviceId)),

  stock: signedInProcedure
    .input(z.void())
    .output(stockOutput)
    .query(({ ctx }) => ctx.services.devices.keyPackages.stock(ctx.session.deviceId)),

  publish: signedInProcedure
    .input(publishInput)
    .output(stockOutput)
    .mutation(async ({ ctx, input }) => {
      const { services, session } = ctx;
      await services.rateLimits.take('keyPackagePublish', session.deviceId);
      const [account, device] = await Promise.all([
        services.accounts.find({ id: session.accountId }),
        services.devices.find(session.deviceId),
      ]);
      if (account === null || device === null)
        throw new ServerError('device_revoked', 'signed out meanwhile');
      const owner: KeyPackageOwner = {
        address: account.address,
        accountKey: account.accountKey,
        device,
      };
      const item = (bytes: Uint8Array) => ({ bytes, expiresAt: checkKeyPackage(bytes, owner) });
      return services.devices.keyPackages.put(session.deviceId, {
        oneTime: input.oneTime.map(item),
        lastResort: input.lastResort === undefined ? undefined : item(input.lastResort),
      });
    }),

  claimKeyPackages: signedInProcedure
    .input(claimKeyPackagesInput)
    .output(claimKeyPackagesOutput)
    .mutation(async ({ ctx, input }) => {
      const { services, session, connection } = ctx;
      await services.rateLimits.take('keyPackageClaim', session.accountId);
      const account = await services.accounts.reach(connection.site, input.address);
      await services.rateLimits.take('keyPackageClaimTarget', `${session.accountId} ${account.id}`);
      const devices = await services.devices.list(account.id);
      // Who adds the other devices of its own account does not add itself.
      const others = devices.map(({ id }) => id).filter((id) => id !== session.deviceId);
      return services.devices.keyPackages.claim(others);
    }),
});
