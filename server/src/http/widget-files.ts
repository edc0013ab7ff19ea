/** The built widget: `parley.js`, and chunks whose names change with their content. */
import { stat } from 'node:fs/promises';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** `name-HASH.js`: bundlers put eight characters or more of the content's hash into the name. */
const hashedName = /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

/** Serves the folder at the root, to pages of every origin; nothing when it has not been built. */
export async function serveWidget(app: FastifyInstance, folder: string): Promise<void> {
  const present = await stat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!present) return;
  await app.register(fastifyStatic, {
    root: folder,
    index: false,
    dotfiles: 'ignore',
    cacheControl: false,
    preCompressed: true,
    // Types and their build information lie in the same folder and are nobody's business.
    allowedPath: (path) => !path.startsWith('/types/') && !path.endsWith('.tsbuildinfo'),
    setHeaders: (response, path) => {
      response.setHeader('access-control-allow-origin', '*');
      // The loader keeps its name: browsers ask each time whether it has changed, and mostly hear 304.
      const immutable = hashedName.test(path.replace(/\.(br|gz)$/, ''));
      response.setHeader(
        'cache-control',
        immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
}
