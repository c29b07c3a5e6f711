// Go's filepath.Match for one component.
import { describe, expect, it } from '@jest/globals';
import { isPattern, nameMatcher } from './go-match.js';

describe('nameMatcher', () => {
  it.each([
    ['*', '.hidden', true],
    ['*.log', 'a.log', true],
    ['*.log', 'a.txt', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['[a-c]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    ['[]a]', ']', 'error'],
    ['[\\]a]', ']', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a.c', 'abc', false],
    ['(x)+$', '(x)+$', true],
    ['[c-a]', 'b', false],
    ['[^c-a]', 'b', true],
    ['[c-a]', '/', false],
    ['node-*', 'node-1', true],
    ['(a|b)', 'a', false],
    ['[x-]', 'x', 'error'],
    ['[a-', 'a', 'error'],
    ['ü?', 'ü😀', true],
    ['[', '[', 'error'],
    ['[a', 'a', 'error'],
    ['[-]', '-', 'error'],
    ['a\\', 'a', 'error'],
  ])('%s on %s: %s', (pattern, name, expected) => {
    if (expected === 'error')
      expect(() => nameMatcher(pattern)).toThrow(`syntax error in pattern: ${pattern}`);
    else expect(nameMatcher(pattern)(name)).toBe(expected);
  });
});

describe('isPattern', () => {
  it('knows plain names from patterns', () => {
    expect(['dist', 'a.b-c', '*', 'a?', '[x]', 'a\\b'].map(isPattern)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });
});
