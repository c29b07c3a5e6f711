// Matrix combinations, names of compiled jobs, resolving of requires.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Budget, defaultLimits } from '../problems/limits.js';
import { fromPlain, toPlain } from '../yaml/node.js';
import { combinationName, readMatrix } from './matrix.js';
import { finalNames } from './naming.js';
import { readRequires, resolveRequires } from './requires.js';

const matrix = (value: unknown) =>
  readMatrix(fromPlain(value, { pointer: '#/m' }), new Budget(defaultLimits));

describe('readMatrix', () => {
  test('orders parameters by name, the last varying fastest', () => {
    const { combinations } = matrix({
      parameters: { version: ['0.1', '0.2'], platform: ['macos', 'linux'] },
    });
    expect(combinations.map((combination) => combinationName('build', combination))).toEqual([
      'build-macos-0.1',
      'build-macos-0.2',
      'build-linux-0.1',
      'build-linux-0.2',
    ]);
  });

  test('leaves excluded combinations out and knows its alias', () => {
    const { combinations, alias } = matrix({
      parameters: { a: [1, 2], b: ['x', 'y'] },
      exclude: [{ b: 'x', a: 1 }],
      alias: 'all',
    });
    expect(combinations.map((combination) => combinationName('j', combination))).toEqual([
      'j-1-y',
      'j-2-x',
      'j-2-y',
    ]);
    expect(alias).toBe('all');
  });

  test.each([
    [{}, '[#/m] required key [parameters] not found'],
    [{ parameters: { a: 1 } }, '[#/m/parameters/a] expected type: Sequence, found: another type'],
    [
      { parameters: { a: [1], b: [1] }, exclude: [{ a: 1 }] },
      'An exclude of a matrix must give every parameter of it: a, b',
    ],
  ])('%j is refused', (value, message) => {
    expect(() => matrix(value)).toThrow(message);
  });

  test('stops before it grows too large', () => {
    const values = Array.from({ length: 50 }, (_, index) => index);
    expect(() => matrix({ parameters: { a: values, b: values, c: values } })).toThrow('more than 5000 jobs');
  });
});

describe('finalNames', () => {
  const name = (workflow: number, body: string | undefined, text = 'a') => ({ workflow, name: text, body });

  test('equal bodies share a name between workflows, different ones are numbered', () => {
    expect(finalNames([name(0, 'x'), name(1, 'x')])).toEqual(['a', 'a']);
    expect(finalNames([name(0, 'x'), name(1, 'y'), name(2, 'x')])).toEqual(['a-1', 'a-2', 'a-1']);
  });

  test('repeats in one workflow are jobs of their own', () => {
    expect(finalNames([name(0, 'x'), name(0, 'x')])).toEqual(['a-1', 'a-2']);
  });

  test('passes over a name that is taken', () => {
    expect(finalNames([name(0, 'x'), name(0, 'y'), name(0, 'z', 'a-1')])).toEqual(['a-2', 'a-3', 'a-1']);
  });

  test('names in a workflow are unique, and one name is one body', () => {
    const invocation = fc.record({
      workflow: fc.nat({ max: 2 }),
      name: fc.constantFrom('a', 'a-1', 'a-2', 'b'),
      body: fc.constantFrom('x', 'y', undefined),
    });
    fc.assert(
      fc.property(fc.array(invocation, { maxLength: 12 }), (invocations) => {
        const names = finalNames(invocations);
        const keys = invocations.map(({ workflow }, index) => `${workflow}:${names[index]}`);
        expect(new Set(keys).size).toBe(keys.length);
        const bodies = new Map<string, string>();
        invocations.forEach(({ body }, index) => {
          if (body === undefined) return;
          expect(bodies.get(names[index]!) ?? body).toBe(body);
          bodies.set(names[index]!, body);
        });
      }),
    );
  });
});

describe('resolveRequires', () => {
  const job = (name: string, requires: unknown = [], more: { alias?: string; finalName?: string } = {}) => ({
    name,
    finalName: name,
    ...more,
    requires: readRequires(fromPlain(requires, { line: 9 })),
  });
  const resolve = (...jobs: ReturnType<typeof job>[]): unknown =>
    resolveRequires('main', jobs).map((items) => items.map(toPlain));

  test('names, statuses, a matrix as all its jobs', () => {
    const a = [job('a-1', [], { alias: 'a' }), job('a-2', [], { alias: 'a' })];
    expect(resolve(...a, job('b', ['a', { 'a-1': ['failed', 'canceled'] }]))).toEqual([
      [],
      [],
      ['a-1', 'a-2', { 'a-1': ['failed', 'canceled'] }],
    ]);
  });

  test('null is empty (C-380), and a job does not mean itself', () => {
    expect(resolve(job('a', null), job('a', ['a'], { finalName: 'a-2' }))).toEqual([[], ['a']]);
  });

  test('the job must be there, once (C-285)', () => {
    expect(() => resolve(job('build', ['nonexistent']))).toThrow(
      "Job 'build' requires 'nonexistent', which is the name of 0 other jobs in workflow 'main'",
    );
    expect(() => resolve(job('a'), job('a', [], { finalName: 'a-2' }), job('b', ['a']))).toThrow(
      "Job 'b' requires 'a', which is the name of 2 other jobs in workflow 'main'",
    );
  });

  test('circles are refused (C-287)', () => {
    expect(() => resolve(job('a', ['b']), job('b', ['a']))).toThrow(
      'At least one job in the workflow must have no dependencies.\nThe following jobs are unreachable: a, b',
    );
    expect(() => resolve(job('x'), job('a', ['b']), job('b', ['a']), job('c', ['b', 'x']))).toThrow(
      'The following jobs are unreachable: a, b, c',
    );
  });

  test('an unknown status is refused', () => {
    expect(() => resolve(job('a'), job('b', [{ a: 'done' }]))).toThrow('Input not a valid enum value');
  });
});
