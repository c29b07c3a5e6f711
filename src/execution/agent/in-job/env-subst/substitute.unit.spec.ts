import { describe, expect, it } from '@jest/globals';
import { UnclosedBraceError } from './lex.js';
import { substitute } from './substitute.js';

const environment = { BAR: 'bar', FOO: 'foo', EMPTY: '', _X: 'x', ÄB: 'umlaut', '1': 'one' };

describe('env subst', () => {
  it.each([
    ['', ''],
    ['plain text, with a newline\n', 'plain text, with a newline\n'],
    ['$BAR', 'bar'],
    ['$BAR$FOO', 'barfoo'],
    ['$BAR - ${FOO}', 'bar - foo'],
    ['${BAR}baz $BARbaz', 'barbaz '],
    ['a\n$BAR\n${EMPTY:=$FOO}\n', 'a\nbar\nfoo\n'],
    ['$NOTSET|${NOTSET}|$EMPTY|${EMPTY}|', '||||'],
    ['$1 ${1} $ÄB $_X', 'one one umlaut x'],
    ['a $ b $- $/ 5$', 'a $ b $- $/ 5$'],
    ['toString: ${toString}$constructor', 'toString: '],
  ])('replaces variables: %j', (text, expected) => {
    expect(substitute(text, environment)).toBe(expected);
  });

  it.each([
    ['${NOTSET-def}', 'def'],
    ['${NOTSET=def}', 'def'],
    ['${EMPTY-def}', ''],
    ['${EMPTY=def}', ''],
    ['${NOTSET:-def}', 'def'],
    ['${EMPTY:-def}', 'def'],
    ['${EMPTY:=def}', 'def'],
    ['${BAR:-def}${BAR-def}${BAR=def}', 'barbarbar'],
    ['${EMPTY+hello}${EMPTY:+hello}', 'hellohello'],
    ['${NOTSET+hello}${NOTSET:+hello}', ''],
    ['${NOTSET-$BAR} ${NOTSET:-$NOTSET}', 'bar '],
    ['${HOME_URL-http://localhost:8080}', 'http://localhost:8080'],
    ['${A:=wo_rld} ${B:=a-b+c=d}', 'wo_rld a-b+c=d'],
    ['${BAR:-}|${NOTSET:-}|${BAR:+}', 'bar||bar'],
    ['${A:--}${B:-:-}', '-:-'],
    ['${A:-$BAR-x}', 'x'],
  ])('knows the forms with a default: %s', (text, expected) => {
    expect(substitute(text, environment)).toBe(expected);
  });

  it('takes a default that begins with text as it is written', () => {
    expect(substitute('${NOTSET:-x$BAR}', environment)).toBe('x$BAR');
  });

  it.each([
    ['FOO $$BAR BAZ', 'FOO $BAR BAZ'],
    ['FOO $${BAR} BAZ', 'FOO ${BAR} BAZ'],
    ['$$$BAR', '$bar'],
    ['$$${BAZ:-baz}', '$baz'],
    ['$$$$', '$$'],
  ])('makes a dollar of two: %s', (text, expected) => {
    expect(substitute(text, environment)).toBe(expected);
  });

  it.each([
    ['$_ bar', '$_ bar'],
    ['${_} bar', '${_} bar'],
    ['${}', '${}'],
    ['${ BAR}', ''],
    ['${BAR#b}${BAR%r}${BAR?no}', 'barbarbar'],
    ['${NOTSET:-${BAR}}', '}'],
    ['${BAR:-${FOO}}', 'bar}'],
  ])('does with odd forms what the engine of the original does: %s', (text, expected) => {
    expect(substitute(text, environment)).toBe(expected);
  });

  it.each(['hello ${', '${BAR', '${BAR\n}', '${BAR:-\r\n}', '${NOTSET:-x', '${BAR:'])(
    'refuses a brace that is not closed on its line: %j',
    (text) => {
      expect(() => substitute(text, environment)).toThrow(UnclosedBraceError);
      expect(() => substitute(text, environment)).toThrow('closing brace expected');
    },
  );

  it('is linear in the length of the text', () => {
    const text = 'some text ${BAR:-nothing} and $FOO\n'.repeat(5_000);
    expect(substitute(text, environment)).toBe('some text bar and foo\n'.repeat(5_000));
  });
});
