/** What of the widget is documented for people who use or restyle it: its elements, by what is public of them. */

const hidden = new Set(['private', 'protected']);
const lifecycle = new Set([
  'connectedCallback',
  'disconnectedCallback',
  'firstUpdated',
  'render',
  'updated',
  'willUpdate',
  'shadowRootOptions',
]);

/** Leaves out what nobody outside can use, so that the manifest changes only when the elements do. */
const publicOnly = {
  name: 'public-only',
  packageLinkPhase({ customElementsManifest }) {
    for (const module of customElementsManifest.modules)
      for (const declaration of module.declarations ?? [])
        declaration.members = declaration.members?.filter(
          ({ name, privacy }) => !hidden.has(privacy) && !lifecycle.has(name),
        );
    customElementsManifest.modules = customElementsManifest.modules
      .filter(({ declarations }) => declarations?.some(({ customElement }) => customElement))
      // The analyzer's own order changes from run to run.
      .sort((one, other) => one.path.localeCompare(other.path, 'en'));
  },
};

export default {
  globs: ['widget/src/elements/**/*.ts'],
  exclude: ['**/*.test.ts', '**/*.styles.ts'],
  outdir: 'widget',
  litelement: true,
  packagejson: false,
  plugins: [publicOnly],
};
