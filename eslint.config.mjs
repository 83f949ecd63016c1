/** Lint rules. What a rule is for stands beside it; docs on style: CONTRIBUTING.md. */
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** @type {import('eslint').Linter.RulesRecord} */
const SIZE_LIMITS = {
  'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
  'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', 3],
  complexity: ['error', 12],
  'max-depth': ['error', 3],
};

/**
 * The clock and chance are handed in, so that a result can be had again.
 * @type {import('eslint').Linter.RulesRecord}
 */
const NO_HIDDEN_INPUTS = {
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Take the time as an argument; only apps/cli reads the clock.' },
    { object: 'Math', property: 'random', message: 'Take a seed as an argument; results must be reproducible.' },
  ],
};

export default defineConfig(
  { ignores: ['**/node_modules/', '.cache/', '.venv/', '.venv-bench/', 'engine/', 'demo-workspace/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...SIZE_LIMITS,
      ...NO_HIDDEN_INPUTS,
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      // Numbers in messages are wanted, and print as one expects.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `await using` and `for await` over ports whose methods are async by contract.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['apps/cli/**', 'tools/**', '*.ts', '*.mjs'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.test.ts', '**/testing/**', '**/test/**'],
    // A table of cases has as many parameters as columns.
    rules: { 'max-lines': ['error', 600], 'max-lines-per-function': 'off', 'max-params': 'off', 'no-restricted-properties': 'off' },
  },
  {
    // Configuration files are default exports by their tools' contract.
    files: ['*.config.ts', '*.config.mjs', '.dependency-cruiser.mjs'],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    // Plain JavaScript with JSDoc types: JSON and child processes are typed by annotation, not by schema.
    files: ['**/*.mjs'],
    rules: {
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
);
