/** Conversations on the wire. */
import { z } from 'zod';
import type { Session } from '../connection.js';
import { router, signedInProcedure, type Context } from '../trpc.js';
import {
  acknowledgeInput,
  commitInput,
  commitOutput,
  createInput,
  createOutput,
  groupInfoInput,
  groupInfoOutput,
  headsInput,
  headsOutput,
  pullInput,
  pullOutput,
  sendInput,
  sendOutput,
} from './contract.js';

/** Counts what an account has stored: members write to each other without asking, and disks are finite. */
const counted = (
  { services, session }: Context & { session: Session },
  ...parts: (Uint8Array | undefined)[]
): Promise<void> => {
  const bytes = parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
  return services.rateLimits.take('storedBytes', session.accountId, bytes);
};

/** Every procedure wants a signed-in device, and answers `not_found` to whoever is not a member. */
export const conversationsRouter = router({
  create: signedInProcedure
    .input(createInput)
    .output(createOutput)
    .mutation(async ({ ctx, input }) => {
      await ctx.services.rateLimits.take('conversationCreate', ctx.session.accountId);
      await counted(ctx, input.welcome, input.groupInfo);
      return ctx.services.conversations.create(ctx.session, input);
    }),

  send: signedInProcedure
    .input(sendInput)
    .output(sendOutput)
    .mutation(async ({ ctx, input }) => {
      await counted(ctx, input.ciphertext);
      return ctx.services.conversations.send(ctx.session, input);
    }),

  commit: signedInProcedure
    .input(commitInput)
    .output(commitOutput)
    .mutation(async ({ ctx, input }) => {
      await counted(ctx, input.commit, input.welcome, input.groupInfo);
      return ctx.services.conversations.commit(ctx.session, input);
    }),

  heads: signedInProcedure
    .input(headsInput)
    .output(headsOutput)
    .query(({ ctx, input }) => ctx.services.conversations.heads(ctx.session, input)),

  pull: signedInProcedure
    .input(pullInput)
    .output(pullOutput)
    .query(({ ctx, input }) => ctx.services.conversations.pull(ctx.session, input)),

  groupInfo: signedInProcedure
    .input(groupInfoInput)
    .output(groupInfoOutput)
    .query(({ ctx, input }) => ctx.services.conversations.groupInfo(ctx.session, input)),

  acknowledge: signedInProcedure
    .input(acknowledgeInput)
    .output(z.void())
    .mutation(({ ctx, input }) => ctx.services.conversations.acknowledge(ctx.session, input)),
});
