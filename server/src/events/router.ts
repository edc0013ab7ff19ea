/** The live stream on the wire: one subscription per connection. */
import { z } from 'zod';
import { router, signedInProcedure } from '../trpc.js';
import { subscribeInputSchema, type LiveEvent } from './contract.js';
import { EventStream } from './stream.js';

/** The stream is checked where events are made; checking each again for every receiver would copy it. */
const streamSchema = z.custom<AsyncIterable<LiveEvent, void, undefined>>(
  (value) => value instanceof EventStream,
);

export const eventsRouter = router({
  /** Starts with `subscribed`: from there on nothing is missed. */
  subscribe: signedInProcedure
    .input(subscribeInputSchema)
    .output(streamSchema)
    .subscription(
      ({ ctx, input, signal }): AsyncIterable<LiveEvent, void, undefined> =>
        new EventStream({
          bus: ctx.services.bus,
          underWay: ctx.services.underWay,
          calls: ctx.services.calls,
          connection: ctx.connection,
          session: ctx.session,
          instance: input?.instance,
          signal,
        }),
    ),
});
