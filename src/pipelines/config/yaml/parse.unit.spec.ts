// YAML as the original reads it: types of 1.1, merge keys, redefined anchors, places of faults.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigFault } from '../problems/fault.js';
import type { CompileLimits } from '../config.types.js';
import { Budget, defaultLimits } from '../problems/limits.js';
import {
  entriesOf,
  fromPlain,
  toPlain,
  type MappingNode,
  type PlainValue,
  type SequenceNode,
} from './node.js';
import { parseYaml } from './parse.js';
import { renderYaml } from './render.js';

const read = (text: string, limits: Partial<CompileLimits> = {}): PlainValue =>
  toPlain(parseYaml(text, new Budget({ ...defaultLimits, ...limits })));

function problemOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigFault) return error.problems[0];
    throw error;
  }
  throw new Error('expected a fault');
}

describe('parseYaml', () => {
  test.each([
    ['yes', true],
    ['On', true],
    ['OFF', false],
    ['y', 'y'],
    ['"yes"', 'yes'],
    ['2019-01-01', '2019-01-01'],
    ['0.10', 0.1],
    ['1e3', 1000],
    ['010', 8],
    ['0x1F', 31],
    ['1_000', 1000],
    ['12:30', 750],
    ['22.04.1', '22.04.1'],
    ['.', '.'],
    ['~', null],
    ['!!str 12', '12'],
    ['12345678901234567890', '12345678901234567890'],
  ])('reads %s as YAML 1.1 does', (text, value) => {
    expect(read(`a: ${text}`)).toEqual({ a: value });
  });

  test('an alias means the latest definition before it (C-367)', () => {
    expect(read('a: &x 1\nb: *x\nc: &x 2\nd: *x')).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  test('an anchor redefined later does not change an alias inside an earlier block', () => {
    expect(read('a: &x 1\nb: &y [*x]\nc: &x 2\nd: *y')).toEqual({ a: 1, b: [1], c: 2, d: [1] });
  });

  test('several merge keys in one map: own keys win, then the first merge (C-368)', () => {
    const text = 'a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  <<: *a\n  <<: *b\n  y: 3';
    expect(read(text)).toMatchObject({ c: { x: 1, y: 3, z: 2 } });
    expect(read('a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc: {z: 0, <<: [*a, *b]}')).toMatchObject({
      c: { x: 1, z: 0 },
    });
  });

  test('a quoted << is a key like any other', () => {
    expect(read('"<<": 1')).toEqual({ '<<': 1 });
  });

  test('nodes know their place', () => {
    const node = entriesOf(parseYaml('jobs:\n  a/b:\n    - x', new Budget(defaultLimits))).get('jobs')!;
    expect(entriesOf(node).get('a/b')).toMatchObject({ line: 3, column: 5, pointer: '#/jobs/a~1b' });
  });

  test('an undefined alias, with line and column (C-007)', () => {
    expect(problemOf(() => read('a: 1\nb: *image'))).toEqual({
      message:
        "Unable to parse YAML\nfound undefined alias image\n in 'string', line 2, column 4:\n    b: *image\n       ^",
      line: 2,
      column: 4,
    });
  });

  test.each(['a: [1', 'a: b: c: d', '\t- a', 'a: &x [*x]', '<<: 1', '? [a]\n: b', 'a: 1\n---\nb: 2'])(
    'refuses %j with a place',
    (text) => {
      const problem = problemOf(() => read(text));
      expect(problem).toMatchObject({ message: expect.stringMatching(/^Unable to parse YAML\n/) });
      expect(problem).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
    },
  );

  test('stops the expansion of aliases that grow without end', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
    const problem = problemOf(() => read(['a0: &a0 x', ...levels].join('\n'), { nodes: 10_000 }));
    expect(problem).toMatchObject({
      message: 'The config is too large: it has more than 10000 values after its aliases are expanded',
    });
  });

  test('refuses a text that is too long before it reads it', () => {
    expect(problemOf(() => read('a: 12345', { sourceLength: 5 }))).toEqual({
      message: 'The config is too large: it has more than 5 characters',
    });
  });

  test('explicit tags decide the type; unknown ones are refused', () => {
    expect(read('[!!str 1, !!int "3", !!bool yes, ! 12, !<tag:yaml.org,2002:str> 3]')).toEqual([
      '1',
      3,
      true,
      '12',
      '3',
    ]);
    expect(() => read('a: !ref x')).toThrow('could not determine a constructor for the tag !ref');
  });

  test('collections in brackets may go on at any indentation', () => {
    const text = 'a:\n  b: [\n  1,  # x\n 2\n  ]\n  c: {\nd: "e f"}\n  g: 1\n';
    expect(read(text)).toEqual({ a: { b: [1, 2], c: { d: 'e f' }, g: 1 } });
    const root = parseYaml(text, new Budget(defaultLimits)) as MappingNode;
    const list = (root.entries.get('a') as MappingNode).entries.get('b') as SequenceNode;
    expect(list.items[1]).toMatchObject({ line: 4, column: 2, pointer: '#/a/b/1' });
  });

  test.each([251, 100_000])('nesting of %d levels is refused, and the limit named', (depth) => {
    expect(() => read('['.repeat(depth) + ']'.repeat(depth))).toThrow(
      'The config is nested too deeply: it has more than 250 levels',
    );
  });

  test('nesting up to the limit is read', () => {
    expect(JSON.stringify(read('['.repeat(250) + ']'.repeat(250)))).toHaveLength(500);
  });

  test('any text gives a value or a fault', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab01:-#&*<>[]{}!|"\'\\\n ?,%@`~') }), (text) => {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigFault);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('renderYaml', () => {
  const print = (value: unknown): string => renderYaml(fromPlain(value));

  test('has the layout of the original', () => {
    expect(
      print({ steps: ['checkout', { run: { command: 'a\nb\n', name: 'yes' } }], empty: [], none: {} }),
    ).toBe(
      "steps:\n- checkout\n- run:\n    command: |\n      a\n      b\n    name: 'yes'\nempty: []\nnone: {}\n",
    );
  });

  test('keeps a fraction a fraction, and text that looks like a number text', () => {
    expect(
      renderYaml(parseYaml('a: 11.0\nb: "11.0"\nc: "2019-01-01"\nd: .', new Budget(defaultLimits))),
    ).toBe("a: 11.0\nb: '11.0'\nc: '2019-01-01'\nd: .\n");
  });

  test.each([' a\n', '\n a', '\n\n  a\nb', ' a\nb', 'a \nb'])('keeps the spaces of %j', (text) => {
    expect(read(print({ text }))).toEqual({ text });
  });

  test('what is printed reads as the same data', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab01:-#&*<>[]{}!|"\'\\\n ?,%@`~\té') });
    const scalar = fc.oneof(
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('no', '0x1', '1.0'),
    );
    const { value } = fc.letrec<{ value: PlainValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (data) => {
        expect(read(print(data))).toEqual(data);
      }),
      { numRuns: 500 },
    );
  });
});
