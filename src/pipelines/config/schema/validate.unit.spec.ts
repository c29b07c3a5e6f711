// What the schema finds, in the original's words and nesting (LANGUAGE C-013 to C-015).
import { describe, expect, test } from '@jest/globals';
import { Budget, defaultLimits } from '../problems/limits.js';
import { toPlain } from '../yaml/node.js';
import { parseYaml } from '../yaml/parse.js';
import { checkSchema } from './check.js';
import { RIGHT, RIGHT_FOR_THE_COMPILER, WRONG } from './samples.testing.js';

function lines(source: string): string[] {
  const root = parseYaml(source, new Budget({ ...defaultLimits, sourceLength: 64 * 1024 * 1024 }));
  if (root.kind !== 'mapping') throw new Error('not a mapping');
  const templates = String(toPlain(root.entries.get('version')!)) === '2.1';
  const problems = checkSchema(root, templates);
  expect(problems.length).toBeLessThan(2);
  return problems[0]?.message.split('\n') ?? [];
}

test.each([...RIGHT, ...RIGHT_FOR_THE_COMPILER])('accepts %s', (_title, source) => {
  expect(lines(source)).toEqual([]);
});

test.each(WRONG)('refuses %s', (_title, source, line) => {
  const report = lines(source);
  expect(report[0]).toBe('ERROR IN CONFIG FILE:');
  expect(report.map((text) => text.replace(/^[| ]+/, ''))).toContain(line);
});

describe('the layout of recorded reports', () => {
  test('an odd key of an image', () => {
    expect(lines('version: 2.1\njobs: {build: {docker: [{imag: a}], steps: [checkout]}}')).toEqual([
      'ERROR IN CONFIG FILE:',
      '[#/jobs/build] 0 subschemas matched instead of one',
      '1. [#/jobs/build] only 1 subschema matches out of 2',
      '|   1. [#/jobs/build/docker/0] 2 schema violations found',
      '|   |   1. [#/jobs/build/docker/0] extraneous key [imag] is not permitted',
      '|   |   |   Permitted keys:',
      ...'gcp_auth name command auth entrypoint image environment aws_auth user'
        .split(' ')
        .map((key) => `|   |   |     - ${key}`),
      '|   |   2. [#/jobs/build/docker/0] required key [image] not found',
      '2. [#/jobs/build] expected type: String, found: Mapping',
      '|   Job may be a string reference to another job',
      '3. [#/jobs/build] required key [type] not found',
    ]);
  });

  test('two jobs without a machine: one headline that counts the innermost violations', () => {
    const report = lines('version: 2.1\njobs: {a: {steps: [checkout]}, b: {steps: [checkout]}}');
    expect(report.slice(0, 12)).toEqual([
      'ERROR IN CONFIG FILE:',
      '[#/jobs] 12 schema violations found',
      'Any string key is allowed as job name.',
      '1. [#/jobs/a] 0 subschemas matched instead of one',
      '|   1. [#/jobs/a] only 1 subschema matches out of 2',
      '|   |   1. [#/jobs/a] no subschema matched out of the total 2 subschemas',
      '|   |   |   1. [#/jobs/a] 0 subschemas matched instead of one',
      '|   |   |   |   1. [#/jobs/a] required key [docker] not found',
      '|   |   |   |   2. [#/jobs/a] required key [machine] not found',
      '|   |   |   |   3. [#/jobs/a] required key [macos] not found',
      '|   |   |   2. [#/jobs/a] required key [executor] not found',
      '|   |   |   |   A job must have one of `docker`, `machine`, `macos` or `executor` (which can provide docker/machine/macos information).',
    ]);
  });

  test('arguments that were meant for the job stand beside it', () => {
    const source = 'version: 2.1\nworkflows: {w: {jobs: [{push: null, region: R, create: true}]}}';
    expect(lines(source)).toEqual([
      'ERROR IN CONFIG FILE:',
      '[#/workflows/w] only 1 subschema matches out of 2',
      '1. [#/workflows/w/jobs/0] 0 subschemas matched instead of one',
      '|   1. [#/workflows/w/jobs/0] 3 schema violations found',
      '|   |   1. [#/workflows/w/jobs/0] maximum size: [1], found: [2]',
      '|   |   |   SCHEMA:',
      '|   |   |     maxProperties: 1',
      '|   |   |   INPUT:',
      '|   |   |     push: null',
      '|   |   |     region: R',
      '|   |   |     create: true',
      '|   |   2. [#/workflows/w/jobs/0/region] expected type: Mapping, found: String',
      '|   |   |   SCHEMA:',
      '|   |   |     type: object',
      '|   |   |   INPUT:',
      '|   |   |     R',
      '|   |   3. [#/workflows/w/jobs/0/create] expected type: Mapping, found: Boolean',
      '|   |   |   SCHEMA:',
      '|   |   |     type: object',
      '|   |   |   INPUT:',
      '|   |   |     true',
      '|   2. [#/workflows/w/jobs/0] expected type: String, found: Mapping',
      '|   |   SCHEMA:',
      '|   |     type: string',
      '|   |   INPUT:',
      '|   |     push: null',
      '|   |     region: R',
      '|   |     create: true',
    ]);
  });

  test('a step that is not written as one, in version 2', () => {
    expect(lines('version: 2\njobs: {lint: {machine: true, steps: [null]}}').slice(1, 10)).toEqual([
      '[#/jobs/lint] only 1 subschema matches out of 2',
      '1. [#/jobs/lint/steps/0] 0 subschemas matched instead of one',
      '|   1. [#/jobs/lint/steps/0] expected type: Mapping, found: Null',
      '|   |   SCHEMA:',
      '|   |     type: object',
      '|   |   INPUT:',
      '|   |     null',
      '|   2. [#/jobs/lint/steps/0] Input not a valid enum value',
      '|   |   Steps without arguments can be called as strings',
    ]);
  });
});

test('the report of a hopeless file is bounded', () => {
  const source = `version: 2.1\njobs:\n${Array.from({ length: 5000 }, (_, i) => `  j${i}: {steps: [5, 5, 5]}`).join('\n')}`;
  const report = lines(source);
  expect(report.length).toBeGreaterThan(1000);
  expect(report.length).toBeLessThan(50_000);
});
