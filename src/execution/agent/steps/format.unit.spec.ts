// Durations, sizes and command lines as text.
import { describe, expect, it } from '@jest/globals';
import { decimalSize, goDuration, goTime, size } from './format.js';
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
    [236978176, '226 MiB'],
    [160, '160 B'],
    [10 * 2 ** 20, '10 MiB'],
  ])('%d bytes: %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });
});

describe('decimalSize', () => {
  it.each([
    [0, '0 B'],
    [3_600_000_000, '3.6 GB'],
    [89_000_000, '89 MB'],
    [1500, '1.5 kB'],
  ])('%d bytes: %s', (bytes, text) => {
    expect(decimalSize(bytes)).toBe(text);
  });
});

describe('goTime', () => {
  it('is in UTC', () => {
    expect(goTime('2020-03-28T05:22:47.123+01:00')).toBe('2020-03-28 04:22:47 +0000 UTC');
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
