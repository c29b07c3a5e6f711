// What a config says of itself before it is compiled.
import { expect, test } from '@jest/globals';
import { outline } from './outline.js';

test.each([
  ['version: 2.1\nsetup: true', { setup: true, parameters: {} }],
  ['{"version": 2.1, "setup": true}', { setup: true, parameters: {} }],
  ['version: 2.1\nsetup: false', { setup: false, parameters: {} }],
  ['version: 2\nsetup: true', { setup: false, parameters: {} }],
  ['version: 2.1\njobs:\n  a: |\n    setup: true', { setup: false, parameters: {} }],
  [
    'version: 2.1\nparameters: {a: {type: boolean, default: yes}, b: {type: string}, c: broken}',
    { setup: false, parameters: { a: true, b: null, c: null } },
  ],
  ['[not, a, config]', { setup: false, parameters: {} }],
])('%j', (source, expected) => {
  expect(outline(source)).toEqual({ ok: true, ...expected });
});

test('what is no YAML has its error', () => {
  expect(outline('a: [')).toMatchObject({ ok: false, errors: [{ line: 1 }] });
});
