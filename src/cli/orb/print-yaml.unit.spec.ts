// The layout of packed orbs, and that it reads back as what was written.
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { printYaml } from './print-yaml.js';

describe('printYaml', () => {
  test('indents by four, and by two behind a dash', () => {
    const value = {
      steps: [{ run: { command: 'a\nb\n', name: 'x' } }, 'checkout', { when: { steps: [{ run: 'c' }] } }],
    };
    expect(printYaml(value)).toBe(`steps:
    - run:
        command: |
            a
            b
        name: x
    - checkout
    - when:
        steps:
            - run: c
`);
  });

  test.each([
    {},
    { a: {}, b: [], c: null, d: '', e: 1.5, f: true },
    { list: [[1, 2], [{ a: 1, b: [{ c: 'd' }] }]] },
    {
      text: [
        'yes',
        'no',
        '1',
        '1.0',
        'null',
        '~',
        '2019-01-01',
        'a: b',
        '# c',
        "it's",
        '"q"',
        '- x',
        '<<',
        ' s ',
      ],
    },
    {
      text: [
        'a\nb',
        'a\nb\n',
        'a\nb\n\n',
        '\na',
        ' a\nb',
        'a \nb',
        'a\n\n\nb\n',
        'a\n',
        '\n',
        'tab\there\nb',
        '\u0007\n',
      ],
    },
    { 'odd key: x': 1, yes: 2, '': 3, '3': 4 },
  ])('%j reads back', (value) => {
    expect(parse(printYaml(value), { version: '1.2' })).toEqual(value);
  });
});
