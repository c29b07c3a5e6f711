// Logic statements in map form.
import { describe, expect, test } from '@jest/globals';
import { ConfigFault } from '../problems/fault.js';
import { fromPlain, scalar } from '../yaml/node.js';
import { evaluateStatement } from './statement.js';

const context = {
  depthLimit: 100,
  evaluate: (node: ReturnType<typeof fromPlain>) => {
    if (node.kind === 'scalar' && node.value === 'BOOM') throw new ConfigFault([{ message: 'looked at' }]);
    return node.kind === 'scalar' && node.value === 'ABSENT' ? scalar(null) : node;
  },
};
const holds = (value: unknown): boolean =>
  evaluateStatement(fromPlain(value, { pointer: '#/when' }), context);

describe('evaluateStatement', () => {
  test.each([
    [true, true],
    [0, false],
    ['', false],
    ['false', true],
    [12, true],
    [null, false],
    [{}, false],
    [{ and: [true, 1] }, true],
    [{ and: [true, ''] }, false],
    [{ or: [false, { not: false }] }, true],
    [{ equal: ['a', 'a', 'a'] }, true],
    [{ equal: ['a'] }, true],
    [{ equal: ['true', true] }, false],
    [{ equal: [1, 1] }, true],
    [{ equal: ['', 'ABSENT'] }, true],
    [{ equal: ['linux', { name: 'linux' }] }, true],
    [
      {
        equal: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      },
      true,
    ],
    [{ matches: { pattern: '^v\\d+$', value: 'v12' } }, true],
    [{ matches: { pattern: 'v', value: 'v12' } }, false],
    [{ matches: { pattern: '.+', value: 'ABSENT' } }, false],
    [{ unknown: 1 }, true],
  ])('%j is %p', (statement, expected) => {
    expect(holds(statement)).toBe(expected);
  });

  test('does not look behind what decides', () => {
    expect(holds({ and: [false, 'BOOM'] })).toBe(false);
    expect(holds({ or: [true, 'BOOM'] })).toBe(true);
    expect(() => holds({ and: [true, 'BOOM'] })).toThrow('looked at');
  });

  test.each([
    [{ and: [] }, '[#/when/and] minimum size: [1], found: [0]'],
    [{ or: true }, '[#/when/or] expected type: Sequence, found: Scalar'],
    [{ and: [true], or: [true] }, '[#/when] maximum size: [1], found: [2]'],
    [{ matches: { pattern: 'a' } }, '[#/when] required key [value] not found'],
  ])('%j is refused', (statement, message) => {
    expect(() => holds(statement)).toThrow(message);
  });

  test('more than 100 levels are refused', () => {
    let statement: unknown = true;
    for (let depth = 0; depth < 101; depth += 1) statement = { not: statement };
    expect(() => holds(statement)).toThrow('Logic statements may be at most 100 deep');
  });
});
