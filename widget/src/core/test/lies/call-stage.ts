/** What lies about calls are told with: people who can call each other, and what became of it. */
import { randomBytes, toBase64Url } from '../../bytes.js';
import type { CallId, ConversationId, DeviceId } from '../../ids.js';
import type { CallEvent, LiveEvent } from '../../transport/contract.js';
import { until, type Person } from '../person.js';
import type { ScriptedMedia } from '../scripted-media.js';
import { rowsOf, type Lie, type Stage } from './stage.js';

/** A stage whose people can call each other, as far as Node can: their media remember what they were given. */
export interface CallStage extends Stage {
  readonly media: { asha: ScriptedMedia; bo: ScriptedMedia };
}
export type CallLie = Omit<Lie, 'tell'> & { tell(stage: CallStage): Promise<unknown> };

export const someId = () => toBase64Url(randomBytes(16));
export const callOf = ({ client }: Person) => client.snapshot.call;
export const deviceOf = ({ client }: Person) => client.snapshot.self?.deviceId as DeviceId;

/** Changes what the server says of calls. */
export const onCalls = (
  change: (event: CallEvent) => object[],
): ((event: LiveEvent) => unknown[]) => {
  return (event) =>
    event.type === 'call' ? change(event.call).map((call) => ({ type: 'call', call })) : [event];
};
export const invent = ({ proxy }: Stage, call: object): void => {
  proxy.invent({ type: 'call', call } as LiveEvent);
};

export const hasRung = ({ events }: Person): boolean =>
  events.some((event) => event.type === 'snapshot' && event.snapshot.call?.direction === 'in');

export async function call(person: Person, conversationId: ConversationId): Promise<CallId> {
  await person.client.run<'start_call'>({ type: 'start_call', conversationId, video: false });
  const id = callOf(person)?.id;
  if (id === undefined) throw new Error('no call');
  return id;
}

export async function rings({ asha, bo, conversation }: Stage): Promise<CallId> {
  const id = await call(asha, conversation);
  await until('it rings', () => callOf(bo)?.phase === 'incoming');
  return id;
}

export const over = (person: Person): Promise<void> =>
  until('the call is over', () => {
    const now = callOf(person);
    return now === null || now.phase === 'ended';
  });

export async function hangUp(person: Person): Promise<void> {
  const callId = callOf(person)?.id;
  if (callId !== undefined) await person.client.run<'hang_up'>({ type: 'hang_up', callId });
  await over(person);
}

export const outcomeOf = async (person: Person, conversation: ConversationId) => {
  const row = (await rowsOf(person, conversation)).findLast(({ body }) => body.type === 'call');
  return row?.body.type === 'call' ? row.body.outcome : undefined;
};
