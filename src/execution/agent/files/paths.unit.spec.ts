// Paths of an environment.
import { describe, expect, it } from '@jest/globals';
import { absolutePath, below, outermost } from './paths.js';

describe('absolutePath', () => {
  it.each([
    ['~', '/root'],
    ['~/x/../y/', '/root/y'],
    ['a/./b', '/work/a/b'],
    ['/a//b/', '/a/b'],
    ['../..', '/'],
    ['~x', '/work/~x'],
  ])('%s', (path, expected) => {
    expect(absolutePath(path, '/work', '/root')).toBe(expected);
  });
});

describe('below', () => {
  it.each([
    ['/a', '/a', ''],
    ['/a', '/a/b', 'b'],
    ['/a', '/ab', undefined],
    ['/', '/a', 'a'],
  ])('%s has %s as %s', (base, path, expected) => {
    expect(below(base, path)).toBe(expected);
  });
});

describe('outermost', () => {
  it('leaves out what lies under another path, and what is there twice', () => {
    expect(outermost(['/a/b', '/a', '/ab', '/c/d/e', '/c', '/a'])).toEqual(['/a', '/ab', '/c']);
    expect(outermost(['a/b', 'a/b/c', 'a-b', 'd'])).toEqual(['a-b', 'a/b', 'd']);
    expect(outermost(['/', '/a'])).toEqual(['/']);
    expect(outermost([])).toEqual([]);
  });
});
