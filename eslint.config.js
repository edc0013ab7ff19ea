/** What `npm run lint` asks of every file. House style: names, sizes, types, elements, docstrings. */
import js from '@eslint/js';
import lit from 'eslint-plugin-lit';
import litA11y from 'eslint-plugin-lit-a11y';
import wc from 'eslint-plugin-wc';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { parley } from './scripts/lint/plugin.js';

const nodeGlobals = {
  process: 'readonly',
  Buffer: 'readonly',
  URL: 'readonly',
  fetch: 'readonly',
  setTimeout: 'readonly',
  clearTimeout: 'readonly',
  setInterval: 'readonly',
  clearInterval: 'readonly',
  AbortSignal: 'readonly',
  AbortController: 'readonly',
  performance: 'readonly',
};

/** Things that have a better way here, with the better way as the message. */
const instead = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name, so that one thing has one name everywhere.',
  },
  {
    selector: 'MemberExpression[object.name="console"]',
    message: "Log through the package's logger: identifiers only, at a level defined in writing.",
  },
  {
    selector:
      'AssignmentExpression > MemberExpression.left[property.name=/^(innerHTML|outerHTML)$/]',
    message:
      'Render with lit templates or textContent: HTML from strings breaks under Trusted Types.',
  },
  {
    selector: 'TSEnumDeclaration',
    message: 'Use a union of string literals: it travels as data and needs no import.',
  },
];

const processEnv = {
  selector: 'MemberExpression[object.name="process"][property.name="env"]',
  message: 'Read it in config.ts, the only reader of process.env, and pass the value on.',
};

/** Numbers of STYLE: an exception carries a comment that says why. */
const sizes = {
  'max-lines': ['error', { max: 400 }],
  'parley/short-functions': 'error',
};

const typed = {
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' },
  ],
  '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
  // Services are closures and lit binds its listeners: a method without its object is well there.
  '@typescript-eslint/unbound-method': 'off',
  // Code points are what we count and cut by; graphemes are for the eye.
  '@typescript-eslint/no-misused-spread': [
    'error',
    { allow: [{ from: 'lib', name: 'string' }, 'string'] },
  ],
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true },
  ],
  '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
  // A port's method is async by contract, whether or not this implementation waits.
  '@typescript-eslint/require-await': 'off',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
};

export default defineConfig(
  globalIgnores([
    '**/dist/',
    '**/node_modules/',
    '**/storybook-static/',
    '**/coverage/',
    'data/',
    '**/*.d.ts',
    'patches/',
  ]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    plugins: { parley },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...typed,
      ...sizes,
      'parley/file-name': 'error',
      'parley/few-parameters': 'error',
      'parley/finished': 'error',
      'no-restricted-syntax': ['error', ...instead],
    },
  },
  {
    name: 'docstrings',
    files: ['**/*.ts'],
    rules: { 'parley/docstring': 'error' },
  },
  {
    name: 'the only reader of process.env',
    files: ['server/src/**/*.ts'],
    ignores: ['server/src/config.ts', '**/*.test.ts', '**/test/**'],
    rules: { 'no-restricted-syntax': ['error', ...instead, processEnv] },
  },
  {
    name: 'elements',
    files: ['widget/src/{elements,loader}/**/*.ts', 'storybook/**/*.ts'],
    extends: [
      lit.configs['flat/recommended'],
      wc.configs['flat/recommended'],
      wc.configs['flat/best-practice'],
    ],
    plugins: { 'lit-a11y': litA11y },
    settings: { wc: { elementBaseClasses: ['LitElement', 'ParleyElement'] } },
    rules: {
      ...litA11y.configs.recommended.rules,
      // Tags are registered by their element's own file; guards belong to whoever loads twice: the loader.
      'wc/guard-super-call': 'off',
      'wc/no-constructor-params': 'error',
    },
  },
  {
    name: 'migrations, which are lists of statements',
    files: ['server/src/database/migrations/*.ts'],
    rules: { 'parley/short-functions': 'off' },
  },
  {
    name: 'tests',
    files: [
      '**/*.{test,spec}.ts',
      '**/test/**/*.ts',
      '**/*-contract.ts',
      'e2e/**/*.ts',
      '**/bench/**/*.ts',
    ],
    rules: {
      // A describe block is a list of stories, not one function.
      'parley/short-functions': 'off',
      'no-empty-pattern': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    name: "tools, whose output is for a terminal and whose format is their consumer's",
    files: ['**/*.{js,cjs,mjs}', 'storybook/**/*.ts', '**/*.config.ts', 'widget/vite*.ts'],
    languageOptions: { globals: nodeGlobals },
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    name: 'plain scripts',
    files: ['**/*.{js,cjs,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false, project: null } },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'readonly', require: 'readonly' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
