import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const pure = ['src/**/*.decider.ts', 'src/**/*.events.ts', 'src/pipelines/config/**/*.ts'];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.rotunda/**', 'test/**/fixtures/**', 'coverage/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        fetch: 'readonly',
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: ['error', 'always'],
    },
  },
  {
    files: ['*.mjs', '**/*.mjs', '*.cjs'],
    rules: { 'no-restricted-exports': 'off' },
    languageOptions: { globals: { module: 'writable' } },
  },
  {
    // Deciders, events and the compiler are pure: time and ids are passed in (DESIGN D3, D8).
    files: pure,
    ignores: ['src/**/*.spec.ts', 'src/pipelines/config/pool/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'Pass the time in.',
        },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Pass the time in.' },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'Pass random values in.',
        },
        { selector: "CallExpression[callee.name='randomUUID']", message: 'Pass ids in.' },
      ],
    },
  },
);
