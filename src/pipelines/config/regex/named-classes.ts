// Java's named classes of characters (the documentation of java.util.regex.Pattern).
import { complement, setOf, union, type CharSet } from './char-set.js';

const LOWER = setOf('az');
const UPPER = setOf('AZ');
const DIGIT = setOf('09');
const ALPHA = union(LOWER, UPPER);
const ALNUM = union(ALPHA, DIGIT);
const PUNCT = setOf('!/', ':@', '[`', '{~');
const SPACE = setOf(' ', '\t\r');
const HORIZONTAL = setOf(
  ' ',
  '\t',
  '\u00a0',
  '\u1680',
  '\u180e',
  '\u2000\u200a',
  '\u202f',
  '\u205f',
  '\u3000',
);
const VERTICAL = setOf('\n\r', '\u0085', '\u2028\u2029');

/** Classes of one letter behind a backslash. The capital letter is the rest. */
export const ESCAPED_CLASSES: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  s: SPACE,
  S: complement(SPACE),
  w: union(ALNUM, setOf('_')),
  W: complement(union(ALNUM, setOf('_'))),
  h: HORIZONTAL,
  H: complement(HORIZONTAL),
  v: VERTICAL,
  V: complement(VERTICAL),
};

/** `\p{Name}` of ASCII. */
export const POSIX_CLASSES: Readonly<Record<string, CharSet>> = {
  Lower: LOWER,
  Upper: UPPER,
  ASCII: setOf('\0\x7f'),
  Alpha: ALPHA,
  Digit: DIGIT,
  Alnum: ALNUM,
  Punct: PUNCT,
  Graph: union(ALNUM, PUNCT),
  Print: union(ALNUM, PUNCT, setOf(' ')),
  Blank: setOf(' ', '\t'),
  Cntrl: setOf('\0\x1f', '\x7f'),
  XDigit: union(DIGIT, setOf('af', 'AF')),
  Space: SPACE,
};

/** What `.` is not. */
export const LINE_TERMINATORS = setOf('\n', '\r', '\u0085', '\u2028\u2029');

const CATEGORIES = new Set(
  'L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Co'.split(
    ' ',
  ),
);

/**
 * The name that the engine has for a class of Unicode, for `L`, `IsL`, `gc=Lu`, `IsGreek`, `script=Greek`; undefined for
 * blocks, binary properties and Java's own.
 */
export function unicodeClass(name: string): string | undefined {
  const [, key, value = name] = /^(\w+)=(.+)$/.exec(name) ?? [];
  if (key !== undefined) {
    if (/^(?:general_category|gc)$/i.test(key)) return CATEGORIES.has(value) ? value : undefined;
    return /^(?:script|sc)$/i.test(key) ? scriptName(value) : undefined;
  }
  const bare = name.replace(/^Is/, '');
  if (CATEGORIES.has(bare)) return bare;
  return name.startsWith('Is') ? scriptName(bare) : undefined;
}

/** Java takes a script's name in any case; the engine wants `Old_Italic`. Whether there is such a script, it knows. */
function scriptName(name: string): string {
  return name
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join('_');
}
