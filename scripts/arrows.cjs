/** Who may import whom. The arrows are the design: each rule's comment says what it protects. */

const widget = '^widget/src';
const server = '^server/src';
const test = '\\.(test|spec)\\.ts$|/test/|\\.stories\\.ts$';

const notToBe = (name, comment, { from, to }) => ({
  name,
  comment,
  severity: 'error',
  from: { pathNot: test, ...from },
  to,
});

/** A folder inside the core, or inside the server's slices. */
const slices = '(sites|accounts|devices|conversations|calls|events)';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'Two modules that need each other are one module, or miss a third: move what both need below both.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-undeclared-packages',
      comment:
        "Name the package in this workspace's own package.json: what another workspace brings may go.",
      severity: 'error',
      from: { pathNot: test },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
    {
      name: 'no-unresolvable',
      comment: 'The import leads nowhere: check its path, or install the package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    notToBe(
      'loader-loads-main-late',
      'The loader is what every visitor pays for: it reaches the rest by one dynamic import of main only.',
      {
        from: { path: `${widget}/loader/` },
        to: {
          path: `${widget}/(?!loader/)`,
          pathNot: `${widget}/main\\.ts$`,
          dependencyTypesNot: ['type-only'],
        },
      },
    ),
    notToBe(
      'loader-imports-main-only-dynamically',
      'A static import of main would put the whole chat into every page load.',
      {
        from: { path: `${widget}/loader/` },
        to: { path: `${widget}/main\\.ts$`, dynamic: false, dependencyTypesNot: ['type-only'] },
      },
    ),
    notToBe(
      'elements-know-controllers-only',
      'Elements show read-only state and send events up: no crypto, no network, no browser ports. Bind them in a controller.',
      {
        from: { path: `${widget}/elements/` },
        to: {
          path: `${widget}/(core|platform|workers|loader|main)`,
          dependencyTypesNot: ['type-only'],
        },
      },
    ),
    notToBe(
      'controllers-use-the-client',
      'Controllers bind an element to a snapshot: they know the core by its entry and its snapshot only.',
      {
        from: { path: `${widget}/controllers/` },
        to: {
          path: `${widget}/(elements|platform|workers|loader|main|core/(?!index\\.ts$|snapshot\\.ts$|ids\\.ts$))`,
        },
      },
    ),
    notToBe(
      'platform-and-workers-use-core',
      'Ports and workers are below the screens: they may use the core, never what is shown.',
      {
        from: { path: `${widget}/(platform|workers)/` },
        to: { path: `${widget}/(elements|controllers|loader|main\\.ts)` },
      },
    ),
    notToBe(
      'core-stands-alone',
      'The core is headless and runs in a worker and in Node: pass what it needs as a port to createClient.',
      {
        from: { path: `${widget}/core/` },
        to: { path: `${widget}/(?!core/)` },
      },
    ),
    notToBe(
      'widget-takes-types-of-the-server-only',
      "Import the wire's types with `import type`: code of the server has no place in a page.",
      {
        // A bench or a test is in no page: it may start the database that its server writes to.
        from: { path: '^(widget|storybook)/', pathNot: '^widget/(bench|.*/test)/' },
        to: { path: '^server/', dependencyTypesNot: ['type-only'] },
      },
    ),
    notToBe(
      'content-is-not-for-the-server',
      'The server can read nothing of what is said; its tree must show that.',
      { from: { path: '^server/' }, to: { path: '^(widget|storybook|e2e)/' } },
    ),
    notToBe(
      'only-http-and-service-know-http',
      'HTTP is one way in among others: only the composition root puts it together.',
      {
        from: { path: server, pathNot: `${server}/(http/|service\\.ts$|main\\.ts$)|${test}` },
        to: { path: `${server}/http/` },
      },
    ),
    notToBe(
      'main-starts-the-service',
      'main.ts is the process (signals, exit codes); everything else is put together in service.ts.',
      {
        from: { path: `${server}/main\\.ts$` },
        to: {
          path: `${server}/`,
          pathNot: `${server}/(service|config|logging|errors|database/errors)\\.ts$`,
        },
      },
    ),
    notToBe(
      'slices-meet-at-services',
      'Use the other slice through its service or contract: its tables and queries are its own business.',
      {
        from: { path: `${server}/${slices}/` },
        to: {
          path: `${server}/${slices}/`,
          pathNot: `${server}/$1/|/(service|contract|router)\\.ts$|/[a-z-]*service\\.ts$`,
        },
      },
    ),
    notToBe(
      'slices-know-realtime-and-media-by-contract',
      'Take a Bus or a Media as a parameter: which one it is, is decided in service.ts.',
      {
        from: { path: `${server}/${slices}/` },
        to: { path: `${server}/(realtime|media)/`, pathNot: '/contract\\.ts$' },
      },
    ),
    notToBe(
      'only-media-speaks-janode',
      'Janus is spoken to in one place, typed and reconnecting: use the Media contract.',
      { from: { path: server, pathNot: `${server}/media/` }, to: { path: 'node_modules/janode' } },
    ),
    notToBe(
      'database-knows-no-slice',
      'The database is below the slices: migrations apart, it must not know what they store.',
      {
        from: { path: `${server}/(database|realtime|media)/` },
        to: { path: `${server}/${slices}/`, pathNot: '/contract\\.ts$|/model\\.ts$|/migrations?/' },
      },
    ),
    {
      name: 'end-to-end-from-outside',
      comment: 'End-to-end specs use the product as people do: no application code.',
      severity: 'error',
      from: { path: '^e2e/' },
      to: { path: '^(widget|server|storybook)/' },
    },
    {
      name: 'stories-show-elements',
      comment:
        "Stories drive the elements by a scripted client: whatever else they need is the elements' fault.",
      severity: 'error',
      from: { path: '^storybook/' },
      to: {
        path: `${widget}/(?!elements/|locales/|controllers/|core/snapshot\\.ts$|core/ids\\.ts$)`,
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/|\\.d\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
};
