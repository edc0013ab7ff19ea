/** The server's procedures by path. Types only: nothing of the server is in the bundle. */
export type AppRouter = import('@trpc/server').AnyRouter;

export type Query =
  | 'sites.info'
  | 'accounts.availability'
  | 'accounts.lookUp'
  | 'devices.stock'
  | 'conversations.heads'
  | 'conversations.pull'
  | 'conversations.groupInfo';

export type Mutation =
  | 'accounts.challenge'
  | 'accounts.claim'
  | 'accounts.logIn'
  | 'devices.register'
  | 'devices.revoke'
  | 'devices.publish'
  | 'devices.claimKeyPackages'
  | 'conversations.create'
  | 'conversations.send'
  | 'conversations.commit'
  | 'conversations.acknowledge'
  | 'calls.start'
  | 'calls.answer'
  | 'calls.decline'
  | 'calls.hangUp'
  | 'calls.publishMedia'
  | 'calls.answerMedia'
  | 'calls.candidate';
