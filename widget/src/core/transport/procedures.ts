/** The server's procedures, each answer parsed before it is believed. */
import type { Caller } from './caller.js';
import type { Procedures } from './contract.js';
import type { CallId } from '../ids.js';
import { createLanes } from '../lanes.js';
import { parse, unknown, type Schema } from '../schema.js';
import { TransportError } from './errors.js';
import { transportLimits } from './limits.js';
import * as schemas from './schemas.js';
import type { InputOf, Path } from './router-types.js';

/** @param onSilence a request had no answer in time: the connection is as good as dead, and ended by this. */
export function createProcedures(caller: Caller, onSilence: () => void): Procedures {
  // The server takes so many at a time and refuses the rest.
  const lanes = createLanes(transportLimits.requestsAtATimeMax);

  const ask = async <Answer>(
    schema: Schema<Answer>,
    request: Parameters<Caller['call']>[0],
  ): Promise<Answer> => {
    let late = false as boolean;
    const timer = setTimeout(() => {
      late = true;
      onSilence();
    }, transportLimits.requestTimeoutMs);
    try {
      return parseAnswer(schema, await caller.call(request));
    } catch (error) {
      throw late ? new TransportError('timeout', { cause: error }) : error;
    } finally {
      clearTimeout(timer);
    }
  };
  const query = <Of extends Path<'query'>, Answer>(
    path: Of,
    schema: Schema<Answer>,
    input: InputOf<Of>,
  ) => lanes.run(() => ask(schema, { method: 'query', path, input }));
  const mutate = <Of extends Path<'mutation'>, Answer>(
    path: Of,
    schema: Schema<Answer>,
    input: InputOf<Of>,
  ) => lanes.run(() => ask(schema, { method: 'mutation', path, input }));
  const act = async <Of extends Path<'mutation'>>(path: Of, input: InputOf<Of>): Promise<void> => {
    await mutate(path, unknown(), input);
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
    startCall: async (input) =>
      ofCall(input.callId, await mutate('calls.start', schemas.ticketSchema, input)),
    answerCall: ({ callId, sdp }) =>
      mutate('calls.answer', schemas.sdpSchema, { callId, sdp, e2ee: true }),
    declineCall: (callId) => act('calls.decline', { callId }),
    hangUpCall: (callId) => act('calls.hangUp', { callId }),
    publishMedia: ({ callId, sdp }) =>
      mutate('calls.publish', schemas.sdpSchema, { callId, sdp, e2ee: true }),
    answerMedia: ({ callId, sdp }) => act('calls.answerMedia', { callId, sdp, e2ee: true }),
    candidate: (input) => act('calls.candidate', input),
  };
}

/** @throws TransportError `answer_malformed`: the ticket is for another call. */
function ofCall<Ticket extends { callId: CallId }>(callId: CallId, ticket: Ticket): Ticket {
  if (ticket.callId !== callId) throw new TransportError('answer_malformed');
  return ticket;
}

/** @throws TransportError `answer_malformed`, without the answer in it. */
export function parseAnswer<Answer>(schema: Schema<Answer>, answer: unknown): Answer {
  try {
    return parse(schema, answer);
  } catch {
    throw new TransportError('answer_malformed');
  }
}
