// The text that compiled configs are printed as.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Budget, defaultLimits } from '../problems/limits.js';
import { fromPlain, toPlain } from './node.js';
import { parseYaml } from './parse.js';
import { renderYaml } from './render.js';

const read = (text: string): unknown => toPlain(parseYaml(text, new Budget(defaultLimits)));

describe('rendering', () => {
  test.each([
    ['echo "hi" && ls', 'a: echo "hi" && ls'],
    ['', "a: ''"],
    ['yes', "a: 'yes'"],
    ['1.10', "a: '1.10'"],
    ['1.2.3', 'a: 1.2.3'],
    ['010', "a: '010'"],
    ['08', 'a: 08'],
    ['12345678901234567890', "a: '12345678901234567890'"],
    ['1:30', "a: '1:30'"],
    ['2019-01-01', "a: '2019-01-01'"],
    ['.inf', "a: '.inf'"],
    ['<<', "a: '<<'"],
    ['*', "a: '*'"],
    ["it's: here", "a: 'it''s: here'"],
    ['http://host', 'a: http://host'],
    ['trailing:', "a: 'trailing:'"],
    ['a #b', "a: 'a #b'"],
    ['a#b', 'a: a#b'],
    ['-x', 'a: -x'],
    ['- x', "a: '- x'"],
    [' space ', "a: ' space '"],
    ['a\tb', 'a: "a\\tb"'],
    ['a\nb\n', 'a: |\n  a\n  b'],
    ['a\nb', 'a: |-\n  a\n  b'],
    ['a\n\n', 'a: |+\n  a\n'],
    [' a\nb\n', 'a: |2\n   a\n  b'],
    ['a \nb', 'a: "a \\nb"'],
    ['a\nb ', "a: 'a\n\n  b '"],
    ['漢字', 'a: 漢字'],
    ['\u{1F600}', 'a: \u{1F600}'],
    ['\u{1F600}\t', 'a: "\\U0001f600\\t"'],
  ])('%j', (text, expected) => {
    const rendered = renderYaml(fromPlain({ a: text }));
    expect(rendered).toBe(`${expected}\n`);
    expect(read(rendered)).toEqual({ a: text });
  });

  test('a long key is read back, however deep it is', () => {
    const long = 'k'.repeat(150);
    const value = { a: { [long]: null, b: [{ [long]: { [long]: 'x' } }] }, [long]: ['y'] };
    expect(read(renderYaml(fromPlain(value)))).toEqual(value);
  });

  test('lists are not indented, mappings are; long lines are not folded', () => {
    const long = 'word '.repeat(40).trim();
    const value = { a: [{ b: 1, c: ['x', []] }, ['y', { d: null }]], e: {}, f: { g: true, h: long } };
    expect(renderYaml(fromPlain(value))).toBe(
      `a:\n- b: 1\n  c:\n  - x\n  - []\n- - y\n  - d: null\ne: {}\nf:\n  g: true\n  h: ${long}\n`,
    );
  });

  test.each([
    ['11.0', '11.0'],
    ['0.5', '0.5'],
    ['12345678.0', '1.2345678E7'],
    ['1e7', '1.0E7'],
    ['0.0001', '1.0E-4'],
    ['0x1F', '31'],
  ])('the number %s is printed as %s', (written, printed) => {
    expect(renderYaml(parseYaml(`a: ${written}`, new Budget(defaultLimits)))).toBe(`a: ${printed}\n`);
  });

  test('a key too long to be found as one is marked', () => {
    const key = 'k'.repeat(200);
    const rendered = renderYaml(fromPlain({ [key]: { a: 1 } }));
    expect(rendered).toBe(`? ${key}\n:\n  a: 1\n`);
    expect(read(rendered)).toEqual({ [key]: { a: 1 } });
  });

  test('what is printed reads as what it was', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom('a', ' ', '\n', '\t', ':', '#', '-', "'", '"', '\\', '|', '>', '0', '<'),
      }),
    );
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
      tree: fc.oneof(
        { maxDepth: 4 },
        tie('leaf'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(text, tie('tree'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const node = fromPlain(value);
        expect(read(renderYaml(node))).toEqual(toPlain(node));
      }),
      { numRuns: 1000 },
    );
  });
});
