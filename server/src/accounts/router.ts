/** Accounts on the wire. */
import { z } from 'zod';
import { publicProcedure, router, signedInProcedure, type Context } from '../trpc.js';
import {
  availabilityInput,
  availabilityOutput,
  challengeOutput,
  claimInput,
  logInInput,
  lookUpInput,
  lookUpOutput,
  sessionSchema,
} from './contract.js';

const limited = (
  ctx: Context,
  limit: 'availability' | 'challenge' | 'claim' | 'signIn',
): Promise<void> => ctx.services.rateLimits.take(limit, ctx.connection.ip);

export const accountsRouter = router({
  availability: publicProcedure
    .input(availabilityInput)
    .output(availabilityOutput)
    .query(async ({ ctx, input }) => {
      await limited(ctx, 'availability');
      return {
        status: await ctx.services.accounts.availability(ctx.connection.site, input.handle),
      };
    }),

  challenge: publicProcedure
    .input(z.void())
    .output(challengeOutput)
    .mutation(async ({ ctx }) => {
      await limited(ctx, 'challenge');
      return ctx.services.accounts.challenge(ctx.connection);
    }),

  claim: publicProcedure
    .input(claimInput)
    .output(sessionSchema)
    .mutation(async ({ ctx, input }) => {
      await limited(ctx, 'claim');
      return ctx.services.accounts.claim(ctx.connection, input);
    }),

  logIn: publicProcedure
    .input(logInInput)
    .output(sessionSchema)
    .mutation(async ({ ctx, input }) => {
      await limited(ctx, 'signIn');
      return ctx.services.accounts.logIn(ctx.connection, input);
    }),

  logOut: signedInProcedure
    .input(z.void())
    .output(z.void())
    .mutation(({ ctx }) => ctx.services.accounts.logOut(ctx.connection)),

  lookUp: signedInProcedure
    .input(lookUpInput)
    .output(lookUpOutput)
    .query(async ({ ctx, input }) => {
      await ctx.services.rateLimits.take('lookUp', ctx.session.accountId);
      return ctx.services.accounts.lookUp(ctx.connection.site, input.address);
    }),
});
