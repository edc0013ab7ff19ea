/** The committed custom-elements manifest tells of the elements as they are: Storybook's docs are made from it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('is what `npm run manifest` makes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-manifest-'));
  const analyzer = join(root, 'node_modules/@custom-elements-manifest/analyzer/cem.js');
  await promisify(execFile)(
    process.execPath,
    [
      analyzer,
      'analyze',
      '--config',
      'widget/custom-elements-manifest.config.js',
      '--outdir',
      relative(root, folder),
    ],
    { cwd: root },
  );
  const made = await readFile(join(folder, 'custom-elements.json'), 'utf8');
  await rm(folder, { recursive: true });
  const committed = await readFile(join(root, 'widget/custom-elements.json'), 'utf8');
  expect(JSON.parse(committed), 'run `npm run manifest` and commit what it writes').toEqual(
    JSON.parse(made),
  );
});
