/** Lint: the import boundaries of the design, one row a scope, and what platform-neutral libs may not touch. */
import nx from '@nx/eslint-plugin';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';
import svelteConfig from './apps/viewer/svelte.config.js';

const libs = ['core', 'envs', 'nn', 'jit', 'agent', 'attribution', 'insight', 'protocol', 'session'];
const scope = (name) => `scope:${name}`;
const row = (name, ...may) => ({ sourceTag: scope(name), onlyDependOnLibsWithTags: [name, ...may].map(scope) });

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', 'runs/**', '.cache/**', 'docs/**', '**/*.py'] },
  ...tseslint.configs.recommended,
  ...svelte.configs['flat/recommended'],
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  { files: ['apps/viewer/**', 'tests/**'], languageOptions: { globals: {} }, rules: { 'no-undef': 'off' } },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['apps/**/*.{ts,js,svelte}', 'libs/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            row('core'),
            row('envs', 'core'),
            row('nn', 'core'),
            row('agent', 'core', 'envs', 'nn'),
            row('attribution', 'core', 'nn'),
            row('jit', 'core', 'nn'),
            row('insight', 'core', 'agent', 'attribution', 'envs', 'nn'),
            row('protocol', 'core'),
            row('session', 'core', 'agent', 'attribution', 'envs', 'insight', 'nn', 'protocol'),
            row('sim', ...libs),
            row('viewer', ...libs),
          ],
        },
      ],
    },
  },
  {
    files: ['libs/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['pixi.js', 'express', 'socket.io', 'socket.io-client', 'onnxruntime-node', 'onnxruntime-web'],
          patterns: ['node:*'],
        },
      ],
      'no-restricted-globals': ['error', 'console', 'process', 'window', 'document', 'performance', 'setTimeout'],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Streams are seeded and handed in.' },
        { object: 'Date', property: 'now', message: 'Libs never read a clock.' },
      ],
    },
  },
);
