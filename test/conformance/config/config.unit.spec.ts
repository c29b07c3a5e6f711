// Runs the conformance cases within the unit tests.
import { describe, expect, test } from '@jest/globals';
import { readCases } from './runner/case.js';
import { coverageOf } from './runner/coverage.js';
import { runCase } from './runner/run-case.js';
import { missingFrom } from './runner/subset.js';

const cases = readCases();

describe('conformance of the config language', () => {
  test.each(cases.map((tried) => [tried.path, tried] as const))('%s', async (_, tried) => {
    const failure = await runCase(tried);
    if (failure !== undefined) throw new Error(`${tried.title}\n${failure}`);
  });

  test('cases and the list of items agree', () => {
    const { covered, wrong } = coverageOf(cases);
    expect(wrong).toEqual([]);
    expect(covered.length).toBeGreaterThan(0);
  });
});

describe('the comparison itself', () => {
  const [first] = cases;

  test('finds an outcome that is not the expected one', async () => {
    const wrong = { ...first!, errors: undefined, jobs: { other: {} }, workflows: undefined };
    expect(
      await runCase({ ...wrong, compiled: undefined, document: undefined, plan: undefined }),
    ).toBeDefined();
    expect(await runCase({ ...wrong, jobs: undefined, errors: ['Another error'] })).toBeDefined();
  });

  test.each([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 1 }, { a: 2 }, false],
    [{ a: 1 }, { b: 1 }, false],
    [{ a: 1 }, { b: null }, true],
    [[1, 2], [1], false],
    [[{ name: 'x', a: 1 }], { x: { a: 1 } }, true],
    [[{ name: 'x', a: 1 }], { y: { a: 1 } }, false],
    ['1', 1, false],
  ])('%j holds %j: %s', (actual, wanted, holds) => {
    expect(missingFrom(actual, wanted) === undefined).toBe(holds);
  });
});
