// Expressions: precedence, operands that and/or give back, typing, Java's regular expressions.
import { describe, expect, test } from '@jest/globals';
import { ConfigFault } from '../problems/fault.js';
import { fromPlain, toPlain } from '../yaml/node.js';
import { evaluateExpression } from './evaluate.js';
import { inlineParameters } from './inline.js';

const values: Record<string, unknown> = {
  'pipeline.git.branch': 'feature-1',
  'pipeline.git.tag': null,
  'pipeline.number': 42,
  'pipeline.parameters.deploy': false,
  'pipeline.parameters.who': 'a "b" \\',
};
const variables = (name: string) => (name in values ? fromPlain(values[name]) : undefined);
const evaluate = (source: string): unknown => toPlain(evaluateExpression(source, variables, 100));

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigFault) return error.message;
    throw error;
  }
  throw new Error('expected a fault');
}

describe('evaluateExpression', () => {
  test.each([
    ['pipeline.git.branch == "feature-1"', true],
    ['pipeline.git.branch matches /feature-.*/', true],
    ['pipeline.git.branch matches /feature/', false],
    ['pipeline.git.branch starts-with "feat"', true],
    ['pipeline.git.tag matches /^v.*/', false],
    ['pipeline.git.tag == ""', true],
    ['pipeline.number == "42"', false],
    ['pipeline.number != "42"', true],
    ['pipeline.number >= 42 and pipeline.number < 43', true],
    ['not true and false', false],
    ['not (true and false)', true],
    ['!pipeline.parameters.deploy', true],
    ['false or true and false', false],
    ['true == false or true', true],
    ['1 < 2 == true', true],
    ['pipeline.git.tag or "none"', 'none'],
    ['pipeline.number > 40 and 10 or 1', 10],
    ['pipeline.parameters.deploy and pipeline.nothing.such', false],
    ['pipeline.git.branch\n\tmatches /a\\/b/', false],
    ['pipeline.parameters.who == "a \\"b\\" \\\\"', true],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toBe(expected);
  });

  test.each([
    ['1 ==', 'Invalid expression: unexpected end:\n1 ==\n    ^'],
    ['(1', 'Invalid expression: unexpected end:\n(1\n  ^'],
    ['1 2', "Invalid expression: unexpected '2':\n1 2\n  ^"],
    [
      'pipeline.x == 1',
      'Referred to a variable "pipeline.x" that does not exist:\npipeline.x == 1\n^^^^^^^^^^',
    ],
    ['1 starts-with "a"', 'Operator starts-with expects a string, found: 1\nin: 1 starts-with "a"'],
    ['"a" > 1', 'Operator > expects a number, found: "a"\nin: "a" > 1'],
    ['"a" matches /(/', 'Invalid regular expression: /(/: a group is not closed by )'],
  ])('%s is refused', (source, message) => {
    expect(messageOf(() => evaluate(source))).toBe(message);
  });

  test('nesting has a limit', () => {
    expect(messageOf(() => evaluate(`${'('.repeat(101)}1${')'.repeat(101)}`))).toContain(
      'nested more than 100 deep',
    );
    expect(messageOf(() => evaluate(`${'!'.repeat(5_000)}true`))).toContain('nested more than 100 deep');
  });
});

describe('inlineParameters', () => {
  test('writes parameters as literals and leaves pipeline values', () => {
    const source = 'pipeline.git.branch == pipeline.parameters.who or pipeline.parameters.deploy';
    expect(inlineParameters(source, variables, 100, {})).toBe(
      'pipeline.git.branch == "a \\"b\\" \\\\" or false',
    );
  });

  test('refuses names that do not exist', () => {
    expect(messageOf(() => inlineParameters('pipeline.parameters.no', variables, 100, {}))).toContain(
      'Referred to a variable "pipeline.parameters.no"',
    );
  });
});
