// Masking: whole values, across any chunk boundary, overlapping ones, and nothing else.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
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

  it('is fast enough for floods: 64 MB with 20 secrets within seconds', () => {
    const masker = new Masker(Array.from({ length: 20 }, (_, i) => `secret-value-${i}-of-some-length`));
    const chunk = Buffer.from('a line of output that is like any other line\n'.repeat(1500));
    const before = performance.now();
    for (let bytes = 0; bytes < 64e6; bytes += chunk.length) masker.write(chunk);
    expect(performance.now() - before).toBeLessThan(15_000);
  });
});
