/** What of the widget is documented for people who use or restyle it: its elements. */
export default {
  globs: ['widget/src/elements/**/*.ts'],
  exclude: ['**/*.test.ts', '**/*.styles.ts'],
  outdir: 'widget',
  litelement: true,
  packagejson: false,
};
