/** Sites on the wire. */
import { z } from 'zod';
import { publicProcedure, router } from '../trpc.js';
import { siteInfoSchema } from './contract.js';

export const sitesRouter = router({
  /** What the page may know of its site. */
  info: publicProcedure
    .input(z.void())
    .output(siteInfoSchema)
    .query(({ ctx }) => ctx.services.sites.info(ctx.connection.site)),
});
