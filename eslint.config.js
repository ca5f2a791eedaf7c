import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Rooms of src/ (CONTRIBUTING.md, "The house"): what each may not import. The first match in a message is its reason. */
const node = { group: ['node:*'], message: 'This room is pure: no I/O, no Node.' };
const temporal = { group: ['@temporalio/*'], message: 'This room knows nothing of Temporal.' };
const libraries = {
  group: ['fastify', 'pino', 'twilio', 'google-auth-library', 'prom-client'],
  message: 'No I/O here.',
};
const rooms = (...names) => ({
  group: names.map((name) => `**/${name}/**`),
  message: `Boundary: see "The house" in CONTRIBUTING.md.`,
});
const typesOnly = (...names) => ({ ...rooms(...names), allowTypeImports: true });

const boundary = (files, ...patterns) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});
const dev = rooms('dev', 'test', 'bench');

export default defineConfig(
  { ignores: ['dist', 'node_modules', '.cache', 'coverage', 'examples/**/*.js'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config reads the environment.' },
      ],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [dev] }],
    },
  },
  boundary(
    ['src/contract/**'],
    dev,
    node,
    libraries,
    { ...temporal, allowTypeImports: true, regex: '^@temporalio/(?!common$)', group: undefined },
    rooms(
      'domain',
      'workflows',
      'activities',
      'rbm',
      'sms',
      'notify',
      'client',
      'webhook',
      'cli',
      'worker',
      'config',
      'observability',
      'encryption',
      'codec-server',
    ),
  ),
  boundary(
    ['src/domain/**'],
    dev,
    node,
    libraries,
    temporal,
    rooms(
      'workflows',
      'activities',
      'rbm',
      'sms',
      'notify',
      'client',
      'webhook',
      'cli',
      'worker',
      'config',
      'observability',
      'encryption',
      'codec-server',
    ),
  ),
  boundary(
    ['src/workflows/**'],
    dev,
    node,
    libraries,
    { regex: '^@temporalio/(?!workflow$|common$)', message: 'Workflow code imports @temporalio/workflow only.' },
    rooms(
      'rbm',
      'sms',
      'notify',
      'client',
      'webhook',
      'cli',
      'worker',
      'config',
      'observability',
      'encryption',
      'codec-server',
    ),
    typesOnly('activities'),
  ),
  boundary(
    ['src/activities/**'],
    dev,
    rooms('domain', 'workflows', 'client', 'webhook', 'cli', 'worker', 'config', 'encryption', 'codec-server'),
  ),
  boundary(
    ['src/encryption/**'],
    dev,
    rooms('domain', 'workflows', 'activities', 'rbm', 'sms', 'notify', 'client', 'webhook', 'cli', 'worker', 'config'),
  ),
  boundary(
    ['src/codec-server/**'],
    dev,
    rooms('domain', 'workflows', 'activities', 'rbm', 'sms', 'notify', 'client', 'webhook', 'cli', 'worker', 'config'),
  ),
  ...['rbm', 'sms', 'notify'].map((name) =>
    boundary(
      [`src/${name}/**`],
      dev,
      temporal,
      rooms(
        'domain',
        'workflows',
        'activities',
        'client',
        'webhook',
        'cli',
        'worker',
        'observability',
        'encryption',
        'codec-server',
      ),
      // An SMS provider describes its environment variables itself; src/config alone reads them.
      name === 'sms' ? { ...rooms('config'), group: ['**/config/*', '!**/config/variable.js'] } : rooms('config'),
    ),
  ),
  boundary(
    ['src/client/**'],
    dev,
    {
      group: ['@temporalio/worker', '@temporalio/workflow', '@temporalio/activity'],
      message: 'A backend must not carry the worker.',
    },
    rooms('domain', 'workflows', 'activities', 'rbm', 'sms', 'notify', 'webhook', 'cli', 'worker'),
  ),
  boundary(
    ['src/webhook/**'],
    dev,
    {
      group: ['@temporalio/worker', '@temporalio/workflow', '@temporalio/activity'],
      message: 'The webhook must not carry the worker.',
    },
    rooms('domain', 'workflows', 'activities', 'notify', 'cli', 'worker'),
  ),
  { files: ['*.config.ts', '*.config.js'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['eslint.config.js'], extends: [tseslint.configs.disableTypeChecked] },
);
