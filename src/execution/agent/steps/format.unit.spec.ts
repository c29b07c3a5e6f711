// Durations, sizes and command lines as text.
import { describe, expect, it } from '@jest/globals';
import { goDuration, size } from './format.js';
import { shellWords } from './shell-words.js';

describe('goDuration', () => {
  it.each([
    [600, '10m0s'],
    [5, '5s'],
    [4500, '1h15m0s'],
    [90.5, '1m30.5s'],
    [0.25, '250ms'],
    [0, '0s'],
  ])('%d seconds: %s', (seconds, text) => {
    expect(goDuration(seconds)).toBe(text);
  });
});

describe('size', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [9961472, '9.5 MiB'],
    [3 * 2 ** 30, '3.0 GiB'],
  ])('%d bytes: %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });
});

describe('shellWords', () => {
  it.each([
    ['/bin/bash -eo pipefail', ['/bin/bash', '-eo', 'pipefail']],
    ['  python3  ', ['python3']],
    [`bash -c 'a b' "c \\" d" e\\ f ''`, ['bash', '-c', 'a b', 'c " d', 'e f', '']],
    ['', []],
  ])('%j', (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });
});
