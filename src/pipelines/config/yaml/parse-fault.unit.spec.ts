// Messages for texts that are no YAML, in SnakeYAML's words and layout (LANGUAGE C-007).
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigFault } from '../problems/fault.js';
import { Budget, defaultLimits } from '../problems/limits.js';
import { diagnose } from './diagnose/diagnose.js';
import { parseYaml } from './parse.js';

function faultOf(text: string): { message: string; line?: number; column?: number } {
  try {
    parseYaml(text, new Budget(defaultLimits));
  } catch (error) {
    if (error instanceof ConfigFault) return error.problems[0]!;
    throw error;
  }
  throw new Error('it parses');
}

/** What was read, what is wrong and where, without the quoted lines. */
function brief(text: string): string[] {
  const lines = faultOf(text).message.split('\n').slice(1);
  const isMark = (line: string | undefined): boolean => line?.startsWith(" in 'string'") ?? false;
  return lines.flatMap((line, index) => {
    if (isMark(line)) return [line.replace(/^.*line (\d+), column (\d+):$/, '$1:$2')];
    return isMark(lines[index - 1]) || isMark(lines[index - 2]) ? [] : [line];
  });
}

describe('faults of YAML texts', () => {
  test('a list where a mapping goes on, laid out as the original does it', () => {
    const { message, line, column } = faultOf('version: 2.1\njobs:\n  build:\n    docker:\n  - image: x\n');
    expect(message.split('\n')).toEqual([
      'Unable to parse YAML',
      'while parsing a block mapping',
      " in 'string', line 3, column 3:",
      '      build:',
      '      ^',
      "expected <block end>, but found '-'",
      " in 'string', line 5, column 3:",
      '      - image: x',
      '      ^',
    ]);
    expect([line, column]).toEqual([5, 3]);
  });

  test.each([
    ['a:\n  b: 1\n   c: 2\n', ['mapping values are not allowed here', '3:5']],
    [
      'jobs:\n  build:\n    docker: x\n   steps: y\n',
      [
        'while parsing a block mapping',
        '2:3',
        "expected <block end>, but found '<block mapping start>'",
        '4:4',
      ],
    ],
    ['a: b: c\n', ['mapping values are not allowed here', '1:5']],
    ['run: echo foo: bar\n', ['mapping values are not allowed here', '1:14']],
    ['a: 1\nfoo\nb: 2\n', ['while scanning a simple key', '2:1', "could not find expected ':'", '3:1']],
    [
      'a:\n\tb: 1\n',
      [
        'while scanning for the next token',
        "found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)",
        '2:1',
      ],
    ],
    [
      'a: @b\n',
      [
        'while scanning for the next token',
        "found character '@' that cannot start any token. (Do not use @ for indentation)",
        '1:4',
      ],
    ],
    ['a: "b\nc: 1\n', ['while scanning a quoted scalar', '1:4', 'found unexpected end of stream', '3:1']],
    [
      'a: "\\q"\n',
      ['while scanning a double-quoted scalar', '1:4', 'found unknown escape character q(113)', '1:6'],
    ],
    ['a: [1, 2\nb: 1\n', ['while parsing a flow sequence', '1:4', "expected ',' or ']', but got :", '2:2']],
    ['a: {b: 1 c: 2}\n', ['while parsing a flow mapping', '1:4', "expected ',' or '}', but got :", '1:11']],
    ['a: ]\n', ['while parsing a block node', '1:4', "expected the node content, but found ']'", '1:4']],
    ['a: - b\n', ['sequence entries are not allowed here', '1:4']],
    ['a: *b\n', ['found undefined alias b', '1:4']],
    ['a: *b\nb: &b 1\n', ['found undefined alias b', '1:4']],
    [
      'a: 1\n---\nb: 2\n',
      ['expected a single document in the stream', '1:1', 'but found another document', '2:1'],
    ],
    [
      '- a\nb: 1\n',
      ['while parsing a block collection', '1:1', "expected <block end>, but found '?'", '2:1'],
    ],
    [
      'a: |x\n  b\n',
      ['while scanning a block scalar', '1:4', 'expected a comment or a line break, but found x(120)', '1:5'],
    ],
    [
      'a: "b" c\n',
      ['while parsing a block mapping', '1:1', "expected <block end>, but found '<scalar>'", '1:8'],
    ],
  ])('%j', (text, expected) => {
    expect(brief(text)).toEqual(expected);
  });

  test('a long line is cut on both sides of the place', () => {
    const text = `a: ${'x'.repeat(60)} b: ${'y'.repeat(60)}\n`;
    const [, , where, excerpt, caret] = faultOf(text).message.split('\n');
    expect(where).toBe(" in 'string', line 1, column 66:");
    expect(excerpt).toBe(`     ... ${'x'.repeat(30)} b: ${'y'.repeat(30)} ... `);
    expect(excerpt![caret!.indexOf('^')]).toBe(':');
  });

  test('columns count characters', () => {
    expect(faultOf('a: "\u{1F600}" b\n').column).toBe(8);
  });

  test('a diagnosis comes to an end for any text', () => {
    const unit = fc.constantFrom(
      ...'ab:- \n\t#&*!|>\'"%@`[]{},?\\0~'.split(''),
      '---\n',
      '...\n',
      ': ',
      '- ',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        const found = diagnose(text);
        if (found) expect(found.at).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 5000 },
    );
    expect(diagnose('['.repeat(100_000))).toBeUndefined();
  });
});
