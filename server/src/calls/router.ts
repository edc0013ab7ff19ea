/** Calls on the wire. */
import { z } from 'zod';
import { router, signedInProcedure } from '../trpc.js';
import {
  answerInput,
  answerMediaInput,
  callRefInput,
  callTicketOutput,
  candidateInput,
  publishMediaInput,
  sdpOutput,
  startInput,
} from './contract.js';

export const callsRouter = router({
  /** Rings at the conversation's other members. The same call again answers the same. */
  start: signedInProcedure
    .input(startInput)
    .output(callTicketOutput)
    .mutation(async ({ ctx, input }) => {
      const { rateLimits } = ctx.services;
      const { accountId } = ctx.session;
      await rateLimits.take('callStart', accountId);
      await rateLimits.take('callPair', `${accountId} ${input.conversationId}`);
      await rateLimits.take('callUnanswered', accountId);
      return ctx.services.calls.start(ctx.session, input);
    }),

  /** Takes the call on this device; the account's others stop ringing. */
  answer: signedInProcedure
    .input(answerInput)
    .output(sdpOutput)
    .mutation(async ({ ctx, input }) => ({
      sdp: await ctx.services.calls.answer(ctx.session, input.callId, input.sdp),
    })),

  /** Stops the ringing at all of the account's devices. */
  decline: signedInProcedure
    .input(callRefInput)
    .output(z.void())
    .mutation(({ ctx, input }) => {
      ctx.services.calls.decline(ctx.session, input.callId);
    }),

  /** Leaves the call, or takes back one that rings. A call that is over already is no error. */
  hangUp: signedInProcedure
    .input(callRefInput)
    .output(z.void())
    .mutation(({ ctx, input }) => {
      ctx.services.calls.hangUp(ctx.session, input.callId);
    }),

  /** Sends this device's media to the room, or renegotiates them. */
  publish: signedInProcedure
    .input(publishMediaInput)
    .output(sdpOutput)
    .mutation(async ({ ctx, input }) => ({
      sdp: await ctx.services.calls.publish(ctx.session, input.callId, input.sdp),
    })),

  /** Answers the latest `offer` event. */
  answerMedia: signedInProcedure
    .input(answerMediaInput)
    .output(z.void())
    .mutation(({ ctx, input }) =>
      ctx.services.calls.answerMedia(ctx.session, input.callId, input.sdp),
    ),

  /** Passes on an ICE candidate of the browser. */
  candidate: signedInProcedure
    .input(candidateInput)
    .output(z.void())
    .mutation(({ ctx, input }) => ctx.services.calls.candidate(ctx.session, input.callId, input)),
});
