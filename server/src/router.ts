/** Every procedure of the server, made of the slices' routers. */
import { accountsRouter } from './accounts/router.js';
import { callsRouter } from './calls/router.js';
import { conversationsRouter } from './conversations/router.js';
import { devicesRouter } from './devices/router.js';
import { eventsRouter } from './events/router.js';
import { sitesRouter } from './sites/router.js';
import { httpRouter, router } from './trpc.js';

const slices = {
  sites: sitesRouter,
  accounts: accountsRouter,
  devices: devicesRouter,
  conversations: conversationsRouter,
  calls: callsRouter,
  events: eventsRouter,
};

/** For WebSockets: MessagePack, bytes as they are. */
export const appRouter = router(slices);
/** For HTTP: JSON, bytes as tagged base64. */
export const httpAppRouter = httpRouter(slices);
export type AppRouter = typeof appRouter;
