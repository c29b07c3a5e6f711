// Masking: whole values, across any chunk boundary, overlapping ones, and nothing else.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ValueFinder, valueOf } from './find-values.js';
import { Masker, maskText, maskedValues } from './masker.js';

/** The output for chunks written one after the other. */
function masked(values: string[], ...chunks: string[]): string {
  const masker = new Masker(values);
  const parts = chunks.map((chunk) => Buffer.from(masker.write(Buffer.from(chunk))));
  return Buffer.concat([...parts, masker.end()]).toString();
}

describe('maskedValues', () => {
  it('leaves out short values and spellings of true and false', () => {
    const values = { A: 'abc', B: 'true', C: 'False', D: 'abcd', E: 'abcd', F: '' };
    expect(maskedValues(values)).toEqual(['abcd']);
  });
  it.each([
    ['key-one\nkey-two\n', ['key-one', 'key-two']],
    ['key-one\r\n  key-two', ['key-one', 'key-two']],
    ['key-one\n\ntrue', ['key-one', 'key-one\n\ntrue']],
    ['a\nbc', ['a\nbc']],
    ['secret\n', ['secret']],
    [' abc', [' abc']],
    ['abc\n', ['abc\n']],
    ['a\n\n\n', ['a\n\n\n']],
  ])('takes %j apart into %j', (value, parts) => {
    expect(maskedValues({ VALUE: value })).toEqual(parts);
  });
});

describe('Masker', () => {
  it.each([
    [['secret'], ['a secret, secretsecret'], 'a ****, ********'],
    [['secret'], ['sec', 'ret'], '****'],
    [['secret'], ['sec', 'ond'], 'second'],
    [['secret'], ['ends with sec'], 'ends with sec'],
    [['abcd', 'abcdef'], ['abcd', 'ef!'], '****!'],
    [['abcd', 'abcdef'], ['abcd', 'x'], '****x'],
    [['abcd', 'cdef'], ['abc', 'def'], '****'],
    [['aaaa'], ['aaaaa', 'aaaaa', 'b'], '****b'],
    [['bcac', 'caaaa'], ['bcac', 'a', 'x'], '****ax'],
    [['bcac', 'caaaa'], ['bcac', ''], '****'],
    [['bcac', 'caaaa'], ['bcac', 'aa', 'aa.'], '****.'],
    [['two\nlines'], ['x two\n', 'lines y'], 'x **** y'],
    [['grüße'], ['viele grüße'], 'viele ****'],
    [[], ['anything'], 'anything'],
  ])('%j in %j gives %j', (values, chunks, expected) => {
    expect(masked(values, ...chunks)).toBe(expected);
  });

  it('holds back only what may become a secret', () => {
    const masker = new Masker(['secret']);
    expect(masker.write(Buffer.from('prompt> ')).toString()).toBe('prompt> ');
    expect(masker.write(Buffer.from('$ se')).toString()).toBe('$ ');
  });

  it('gives the same for every division into chunks, and never shows a secret', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 7 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.array(text, { minLength: 1, maxLength: 6 }),
        (values, chunks) => {
          const result = masked(values, ...chunks);
          expect(result).toBe(maskText(chunks.join(''), values));
          for (const value of values) expect(result).not.toContain(value);
        },
      ),
    );
  });

  it('takes linear time also where every byte may begin a secret', () => {
    const values = Array.from({ length: 20 }, (_, i) => 'a'.repeat(8000 + i));
    const finder = new ValueFinder(values.map(valueOf));
    const data = Buffer.alloc(256 * 1024, 'a');
    // One place instead of 248,000 for each value: the other search has taken over.
    expect(finder.find(data)).toEqual(values.map(() => [0, data.length]));
    expect(masked(values, data.toString(), 'b')).toBe('****b');
  });
});

describe('ValueFinder', () => {
  it('covers what indexOf finds, with values of any lengths', () => {
    const unit = fc.constantFrom('a', 'b', 'c');
    const word = fc.oneof(
      fc.string({ unit, minLength: 2, maxLength: 9 }),
      fc.string({ unit, minLength: 60, maxLength: 90 }),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.array(word), (values, words) => {
        const data = Buffer.from([...words, ...values].join('c'));
        const unique = [...new Set(values)];
        const covered = new Set<number>();
        const cover = (start: number, end: number) => {
          for (let at = start; at < end; at++) covered.add(at);
        };
        for (const value of unique) {
          for (let at = data.indexOf(value); at >= 0; at = data.indexOf(value, at + 1))
            cover(at, at + value.length);
        }
        const expected = [...covered].sort((a, b) => a - b);
        covered.clear();
        for (const [start, end] of new ValueFinder(unique.map(valueOf)).find(data)) cover(start, end);
        expect([...covered].sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });
});
