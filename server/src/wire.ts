/** What clients may know of the server: types alone. Importing a value from here fails, in bundlers and Node. */
export type { AccountCard, Device, SessionGrant } from './accounts/contract.js';
export type { CallEndReason, CallEvent } from './calls/contract.js';
export type { Envelope, Head } from './conversations/contract.js';
export type { ServerErrorCode } from './errors.js';
export type { LiveEvent } from './events/contract.js';
export type { AppRouter } from './router.js';
export type { SiteInfo } from './sites/contract.js';
export type { WireErrorData } from './trpc.js';
