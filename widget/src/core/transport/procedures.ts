/** The server's procedures over any tRPC link, each answer parsed before it is believed. */
import { TRPCClientError } from '@trpc/client';
import * as z from 'zod/mini';
import type { Procedures } from './contract.js';
import { createLanes } from '../lanes.js';
import { errorFromWire, TransportError } from './errors.js';
import { transportLimits } from './limits.js';
import * as schemas from './schemas.js';
import type { InputOf, Path, TrpcClient } from './router-types.js';

const nothing = z.unknown();

/** @param signal ends every request of this connection.
 * @param onSilence a request had no answer in time: the connection is as good as dead. */
export function createProcedures(
  client: TrpcClient,
  { signal, onSilence }: { signal: AbortSignal; onSilence: () => void },
): Procedures {
  // tRPC puts all requests of one tick into one frame, and the server refuses frames with too many.
  const lanes = createLanes(transportLimits.requestsAtATimeMax);

  const request = <Schema extends z.ZodMiniType>(
    schema: Schema,
    send: (requestSignal: AbortSignal) => Promise<unknown>,
  ): Promise<z.output<Schema>> => lanes.run(() => ask(schema, send));

  const ask = async <Schema extends z.ZodMiniType>(
    schema: Schema,
    send: (requestSignal: AbortSignal) => Promise<unknown>,
  ): Promise<z.output<Schema>> => {
    const timeout = AbortSignal.timeout(transportLimits.requestTimeoutMs);
    let answer: unknown;
    try {
      answer = await send(AbortSignal.any([signal, timeout]));
    } catch (cause) {
      if (signal.aborted) throw new TransportError('offline', { cause });
      if (timeout.aborted) onSilence();
      if (timeout.aborted) throw new TransportError('timeout', { cause });
      throw errorFromWire(cause instanceof TRPCClientError ? cause.data : null, cause);
    }
    return parseAnswer(schema, answer);
  };
  const query = <Of extends Path, Schema extends z.ZodMiniType>(
    path: Of,
    schema: Schema,
    input: InputOf<Of>,
  ) => request(schema, (requestSignal) => client.query(path, input, { signal: requestSignal }));
  const mutate = <Of extends Path, Schema extends z.ZodMiniType>(
    path: Of,
    schema: Schema,
    input: InputOf<Of>,
  ) => request(schema, (requestSignal) => client.mutation(path, input, { signal: requestSignal }));
  const act = async <Of extends Path>(path: Of, input: InputOf<Of>): Promise<void> => {
    await mutate(path, nothing, input);
  };

  return {
    siteInfo: () => query('sites.info', schemas.siteInfoSchema, undefined),
    availability: (handle) =>
      query('accounts.availability', schemas.availabilitySchema, { handle }),
    challenge: () => mutate('accounts.challenge', schemas.challengeSchema, undefined),
    claim: (input) => mutate('accounts.claim', schemas.sessionSchema, input),
    logIn: (input) => mutate('accounts.logIn', schemas.sessionSchema, input),
    lookUp: (address) => query('accounts.lookUp', schemas.lookUpSchema, { address }),
    registerDevice: (input) => mutate('devices.register', schemas.sessionSchema, input),
    revokeDevice: (deviceId) => act('devices.revoke', { deviceId }),
    publishKeyPackages: (input) => mutate('devices.publish', schemas.stockSchema, input),
    keyPackageStock: () => query('devices.stock', schemas.stockSchema, undefined),
    claimKeyPackages: (address) =>
      mutate('devices.claimKeyPackages', schemas.claimedKeyPackagesSchema, { address }),
    createConversation: (input) => mutate('conversations.create', schemas.createdSchema, input),
    send: (input) => mutate('conversations.send', schemas.sentSchema, input),
    commit: (input) => mutate('conversations.commit', schemas.sentSchema, input),
    heads: (after) =>
      query('conversations.heads', schemas.headsSchema, after === undefined ? {} : { after }),
    pull: async ({ conversationId, after }) => {
      const limit = transportLimits.pullEntriesMax;
      const answer = await query('conversations.pull', schemas.pullSchema, {
        conversationId,
        after,
        limit,
      });
      const gapless = answer.entries.every(({ seq }, index) => seq === after + 1 + index);
      if (!gapless) throw new TransportError('answer_malformed');
      return answer;
    },
    groupInfo: (conversationId) =>
      query('conversations.groupInfo', schemas.groupInfoSchema, { conversationId }),
    acknowledge: (upTo) => act('conversations.acknowledge', { upTo }),
    startCall: (input) => mutate('calls.start', schemas.ticketSchema, input),
    answerCall: (callId) => mutate('calls.answer', schemas.ticketSchema, { callId }),
    declineCall: (callId) => act('calls.decline', { callId }),
    hangUpCall: (callId) => act('calls.hangUp', { callId }),
    publishMedia: ({ callId, sdp }) =>
      mutate('calls.publish', schemas.sdpSchema, { callId, sdp, e2ee: true }),
    answerMedia: ({ callId, sdp }) => act('calls.answerMedia', { callId, sdp, e2ee: true }),
    candidate: (input) => act('calls.candidate', input),
  };
}

/** @throws TransportError `answer_malformed`, without the answer in it. */
export function parseAnswer<Schema extends z.ZodMiniType>(
  schema: Schema,
  answer: unknown,
): z.output<Schema> {
  const parsed = z.safeParse(schema, answer);
  if (!parsed.success) throw new TransportError('answer_malformed');
  return parsed.data;
}
