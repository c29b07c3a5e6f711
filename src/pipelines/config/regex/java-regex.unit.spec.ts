// Java's regular expressions on an engine of linear time.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigFault } from '../problems/fault.js';
import { fullMatch } from './java-regex.js';

describe('Java regular expressions', () => {
  test.each([
    ['feature-.*', 'feature-x', true],
    ['feature', 'feature-x', false],
    ['^v\\d+\\.\\d+$', 'v1.20', true],
    ['a|b', 'b', true],
    ['^a|b$', 'ab', false],
    ['pull\\/[0-9]+', 'pull/12', true],
    ['(?:a(b)(?<c>c))?', 'abc', true],
    ['.', '\n', false],
    ['.', '\u2028', false],
    ['(?s).', '\n', true],
    ['(?d).', '\r', true],
    ['.', '\u{1F600}', true],
    ['a{2,3}', 'aaa', true],
    ['a{2}', 'aaa', false],
    ['a+?b*?', 'aab', true],
    ['', '', true],
    // Classes.
    ['[a-z&&[^b]]+', 'acz', true],
    ['[a-z&&[^b]]+', 'abz', false],
    ['[a-z&&[aeiou]&&[^e]]', 'e', false],
    ['[^a-z&&[aeiou]]', 'b', true],
    ['[a-c[x-z]]+', 'axbz', true],
    ['[]a]+', ']a', true],
    ['[a-]+', 'a-', true],
    ['[\\w&&\\D]+', 'ab_', true],
    ['[\\w&&\\D]+', 'a1', false],
    ['[^\\d]', '1', false],
    ['[\\Q]^\\E]+', ']^', true],
    ['[a&&b]', 'a', false],
    ['\\p{Alpha}+', 'aZ', true],
    ['\\p{Alpha}+', 'é', false],
    ['\\p{L}+', 'éß', true],
    ['\\pL', 'é', true],
    ['\\P{L}', '1', true],
    ['\\p{IsGreek}', 'α', true],
    ['\\p{script=greek}', 'α', true],
    ['\\p{gc=Lu}', 'A', true],
    ['[^\\p{L}]', 'é', false],
    ['\\p{Punct}', '_', true],
    ['[\\p{Lower}\\d]+', 'a1', true],
    ['\\h\\H', '\u00a0x', true],
    ['\\v\\V', '\x0bx', true],
    ['a\\Rb', 'a\r\nb', true],
    ['\\R', '\u0085', true],
    ['\\s', '\x0b', true],
    ['\\d', '٣', false],
    // Escapes.
    ['\\Qa.b*\\E+', 'a.b***', true],
    ['\\Qa.b', 'a.b', true],
    ['\\x41\\u0042\\x{43}\\0104\\cA', 'ABCD\x01', true],
    ['\\t\\n\\e', '\t\n\x1b', true],
    ['\\-\\_\\#', '-_#', true],
    ['\\Aab\\b\\z', 'ab', true],
    ['a\\Z', 'a', true],
    // Flags.
    ['(?i)ABC', 'abc', true],
    ['(?i)É', 'é', false],
    ['(?iu)É', 'é', true],
    ['(?i)k', '\u212a', false],
    ['(?i)[a-c]', 'B', true],
    ['a(?i)b|c', 'C', true],
    ['(?i:a)b', 'Ab', true],
    ['(?i:a)b', 'AB', false],
    ['(?i)a(?-i)b', 'AB', false],
    ['(?x) a b # comment\n c', 'abc', true],
    ['(?x)[ a b ]+', 'ab', true],
    ['(?x)a\\ b', 'a b', true],
    ['(?m)a$\\n^b', 'a\nb', true],
    ['(?im-s:A.)', 'ab', true],
  ])('%j and %j: %s', (pattern, text, expected) => {
    expect(fullMatch(pattern, text)).toBe(expected);
  });

  test.each([
    ['(?=a)a', 'the lookahead (?= is not supported'],
    ['^(?!main$).*', 'the lookahead (?! is not supported'],
    ['.*(?<=a)', 'the lookbehind (?<= is not supported'],
    ['.*(?<!a)', 'the lookbehind (?<! is not supported'],
    ['(?>a)', 'the atomic group (?> is not supported'],
    ['a*+b', 'the possessive quantifier a*+ is not supported'],
    ['(a)\\1', 'the backreference \\1 is not supported'],
    ['(?<n>a)\\k<n>', 'the backreference \\k is not supported'],
    ['\\X', '\\X is not supported'],
    ['\\Ga', '\\G is not supported'],
    ['a\\b{g}', '\\b{ is not supported'],
    ['(?U)\\w', 'the flag (?U) is not supported'],
    ['a{1001}', 'the repetition {1001} is not supported'],
    ['[a&&\\p{L}]', 'the class \\p{L} in an intersection && is not supported'],
    ['\\p{InGreek}', 'the class \\p{InGreek} is not supported'],
    ['\\p{javaLowerCase}', 'the class \\p{javaLowerCase} is not supported'],
    ['\\p{IsKlingon}', 'invalid character class range'],
    ['(', 'a group is not closed by )'],
    ['a)', 'unmatched )'],
    ['[a', 'a class is not closed by ]'],
    ['[z-a]', 'illegal range of characters'],
    ['*a', 'nothing to repeat before *'],
    ['a**', 'nothing to repeat before *'],
    ['a{', 'illegal repetition {'],
    ['a{2,1}', 'illegal repetition {2,1}'],
    ['\\y', 'unknown escape \\y'],
    ['a\\', 'a backslash at the end'],
    ['(?y)', 'unknown flag y'],
    ['(a{100}){99}', 'invalid repeat count'],
    ['(a{100}){100}', 'it is too large once its repetitions are written out'],
    ['\\p{L}{1000}'.repeat(11), 'it is too large once its repetitions are written out'],
    ['('.repeat(300) + ')'.repeat(300), 'groups nest too deeply'],
    ['a'.repeat(10_001), 'it has more than 10000 characters'],
  ])('%j is refused', (pattern, reason) => {
    expect(() => fullMatch(pattern, 'a')).toThrow(reason);
    expect(() => fullMatch(pattern, 'a')).toThrow('Invalid regular expression: /');
  });

  test('patterns that keep a backtracking engine busy are answered', () => {
    const text = `${'a'.repeat(5_000)}!`;
    for (const pattern of [
      '(a+)+',
      '(a|aa)+',
      '(a*)*b',
      '(.*a){25}',
      '(x+x+)+y',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
    ]) {
      expect(fullMatch(pattern, text)).toBe(false);
    }
    expect(() => fullMatch('(a|b)*'.repeat(100), 'a'.repeat(1_000_000))).toThrow('too long');
  });

  test('what both engines know means the same to both', () => {
    const unit = fc.constantFrom(
      'a',
      'b',
      'c',
      '1',
      '-',
      '.',
      '[ab]',
      '[^a]',
      '[a-c]',
      '\\d',
      '\\w',
      '\\.',
      '^',
      '$',
    );
    const { regex } = fc.letrec<{ regex: string }>((tie) => ({
      regex: fc.oneof(
        { maxDepth: 4 },
        unit,
        fc.tuple(tie('regex'), tie('regex')).map((pair) => pair.join('')),
        fc.tuple(tie('regex'), tie('regex')).map((pair) => `(${pair.join('|')})`),
        fc
          .tuple(tie('regex'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '*?'))
          .map(([inner, quantifier]) => `(?:${inner})${quantifier}`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '-', '.'), maxLength: 8 });
    fc.assert(
      fc.property(regex, text, (pattern, value) => {
        expect(fullMatch(pattern, value)).toBe(new RegExp(`^(?:${pattern})$`).test(value));
      }),
      { numRuns: 3000 },
    );
  });

  test('any text is a pattern or a fault', () => {
    const unit = fc.constantFrom(...'ab01\\()[]{}*+?|^$.-&:<>=!QEpLdxu #,'.split(''));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), fc.string({ unit, maxLength: 10 }), (pattern, text) => {
        try {
          expect(typeof fullMatch(pattern, text)).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigFault);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
