// `<< >>`: typing of whole values, text, escapes, sections, and the messages for what is wrong.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigFault } from '../problems/fault.js';
import type { CompileLimits } from '../config.types.js';
import { Budget, defaultLimits } from '../problems/limits.js';
import { fromPlain, toPlain } from '../yaml/node.js';
import { evaluateNode } from './evaluate.js';

const values: Record<string, unknown> = {
  'parameters.flag': true,
  'parameters.off': false,
  'parameters.n': 4,
  'parameters.s': 'text << not evaluated again >>',
  'parameters.list': [1, 2],
  'pipeline.git.branch': 'main',
  'pipeline.git.tag': null,
};

function evaluate(value: unknown, limits: Partial<CompileLimits> = {}): unknown {
  const variables = (name: string) => (name in values ? fromPlain(values[name]) : undefined);
  const node = fromPlain(value, { line: 3, column: 7, pointer: '#/x' });
  return toPlain(evaluateNode(node, variables, new Budget({ ...defaultLimits, ...limits })));
}

function problemOf(value: unknown, limits: Partial<CompileLimits> = {}): unknown {
  try {
    evaluate(value, limits);
  } catch (error) {
    if (error instanceof ConfigFault) return error.problems[0];
    throw error;
  }
  throw new Error('expected a fault');
}

describe('evaluateNode', () => {
  test.each([
    ['<< parameters.flag >>', true],
    ['<<parameters.n>>', 4],
    ['<< parameters.list >>', [1, 2]],
    ['<< pipeline.git.tag >>', null],
    ['is << parameters.flag >>', 'is true'],
    ['n=<< parameters.n >>;tag=<< pipeline.git.tag >>', 'n=4;tag=<nil>'],
    ['<< parameters.s >>', 'text << not evaluated again >>'],
    ['cat \\<<EOF', 'cat <<EOF'],
    ['\\<< parameters.n >> << parameters.n >>', '<< parameters.n >> 4'],
    ['a >> b', 'a >> b'],
    ['{{ checksum "<< pipeline.git.branch >>" }}', '{{ checksum "main" }}'],
    ['<<# parameters.flag >>yes<</ parameters.flag >>', 'yes'],
    ['<<# parameters.off >>yes<</ parameters.off >><<^ parameters.off >>no<</ parameters.off >>', 'no'],
    ['a\n  <<# parameters.flag >>\n  b\n  <</ parameters.flag >>\nc', 'a\n  b\nc'],
    ['<< pipeline.git.branch == "main" and 10 or 1 >>', 10],
    ['arm.<< pipeline.git.tag or "none" >>', 'arm.none'],
  ])('%j', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test('goes into lists and maps, and leaves keys alone', () => {
    expect(evaluate({ '<< parameters.n >>': ['<< parameters.n >>'] })).toEqual({ '<< parameters.n >>': [4] });
  });

  test('an unclosed tag (C-162)', () => {
    expect(problemOf('echo $((1<<2))')).toEqual({
      message:
        "Unclosed '<<' tag in string: 'echo $((1<<2))'\n('<<' must be escaped as '\\<<' in config v2.1+)",
      line: 3,
      column: 7,
      pointer: '#/x',
    });
  });

  test('an unknown variable, with carets below it (C-042)', () => {
    expect(problemOf('a << pipeline.parameters.bug >> b')).toMatchObject({
      message:
        'Referred to a variable "pipeline.parameters.bug" that does not exist:\n<< pipeline.parameters.bug >>\n   ^^^^^^^^^^^^^^^^^^^^^^^',
      line: 3,
    });
  });

  test('a bad expression says where', () => {
    expect(problemOf('<< 1 + 2 >>')).toMatchObject({
      message: "Invalid expression: unexpected '+':\n1 + 2\n  ^",
    });
  });

  test('bounds the text that substitution makes', () => {
    expect(problemOf('<< parameters.n >> '.repeat(20), { evaluatedCharacters: 30 })).toMatchObject({
      message: expect.stringContaining('more than 30 characters'),
    });
  });

  test('any text gives a value or a fault', () => {
    const piece = fc.constantFrom(
      '<<',
      '>>',
      '\\<<',
      'parameters.n',
      ' ',
      '#',
      '/',
      '^',
      '"',
      'and',
      '(',
      'x',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          evaluate(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigFault);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
