// Java's regular expressions in the syntax of RE2. What means the same is written anew, so that nothing of Java's text can
// mean something else there; what RE2 cannot do is refused by name.
import { complement, foldAscii, setOf, type CharSet } from './char-set.js';
import { readClass } from './char-class.js';
import { readEscape, unknownEscape, type Chars } from './escape.js';
import { LINE_TERMINATORS } from './named-classes.js';
import { Reader, type Flags } from './reader.js';
import { RegexError, unsupported } from './regex-error.js';

const DEEPEST = 200;
const MOST_REPETITIONS = 1000;
/** Characters and classes once repetitions are written out, which is what the engine does. */
const MOST_ATOMS = 10_000;

export interface Translated {
  /** Matches a whole text exactly when Java's expression does; groups keep nothing. */
  text: string;
  /** Characters and classes, as often as they are repeated: what one character of a text may cost. */
  size: number;
}

/** Throws RegexError. */
export function translateJavaRegex(pattern: string): Translated {
  const reader = new Reader(pattern);
  const text = alternatives(reader, DEEPEST);
  if (!reader.ended) throw new RegexError('unmatched )');
  return { text, size: reader.size };
}

function alternatives(reader: Reader, depth: number): string {
  if (depth <= 0) throw new RegexError('groups nest too deeply');
  const { flags } = reader;
  const parts = [''];
  while (!reader.ended && !reader.sees(')')) {
    if (reader.take('|')) parts.push('');
    else parts[parts.length - 1] += repeated(reader, depth);
  }
  // Flags that were set inside hold to the end of the group.
  reader.flags = flags;
  return parts.join('|');
}

function repeated(reader: Reader, depth: number): string {
  const from = reader.at;
  const sizeBefore = reader.size;
  const atom = readAtom(reader, depth);
  reader.size += 1;
  const quantifier = readQuantifier(reader);
  const times = Math.max(1, ...(quantifier.match(/\d+/g) ?? []).map(Number));
  reader.size += (reader.size - sizeBefore) * (times - 1);
  if (reader.size > MOST_ATOMS) throw new RegexError('it is too large once its repetitions are written out');
  if (quantifier === '') return atom;
  if (atom === '') throw new RegexError(`nothing to repeat before ${quantifier}`);
  if (reader.sees('+')) {
    throw unsupported(`the possessive quantifier ${reader.pattern.slice(from, reader.at)}+`);
  }
  const lazy = reader.take('?') ? '?' : '';
  return `(?:${atom})${quantifier}${lazy}`;
}

function readQuantifier(reader: Reader): string {
  for (const simple of ['*', '+', '?']) if (reader.take(simple)) return simple;
  if (!reader.sees('{')) return '';
  const found = reader.match(/\{(\d+)(?:(,)(\d*))?\}/y);
  if (!found) throw new RegexError('illegal repetition {');
  const [text, least, , most] = found;
  for (const count of [least, most]) {
    if (count && Number(count) > MOST_REPETITIONS) throw unsupported(`the repetition ${text}`);
  }
  if (most && Number(most) < Number(least)) throw new RegexError(`illegal repetition ${text}`);
  return text;
}

function readAtom(reader: Reader, depth: number): string {
  if (reader.isQuoted) return literal(reader.next(), reader.flags);
  if (reader.take('(')) return readGroup(reader, depth);
  if (reader.take('[')) return written(readClass(reader, DEEPEST), reader.flags);
  if (reader.take('\\')) return readEscaped(reader);
  for (const mark of ['*', '+', '?', '{']) {
    if (reader.sees(mark))
      throw new RegexError(mark === '{' ? 'illegal repetition {' : `nothing to repeat before ${mark}`);
  }
  const { flags } = reader;
  if (reader.take('.'))
    return flags.s ? '(?s:.)' : range(complement(flags.d ? setOf('\n') : LINE_TERMINATORS));
  if (reader.take('^')) return flags.m ? '(?m:^)' : '\\A';
  // Before a last line break too, says Java, but then nothing takes the break, and the whole text does not match.
  if (reader.take('$')) return flags.m ? '(?m:$)' : '\\z';
  return literal(reader.next(), flags);
}

function readGroup(reader: Reader, depth: number): string {
  if (!reader.take('?')) return closed(reader, depth);
  const refused: readonly [string, string][] = [
    ['<=', 'the lookbehind (?<='],
    ['<!', 'the lookbehind (?<!'],
    ['=', 'the lookahead (?='],
    ['!', 'the lookahead (?!'],
    ['>', 'the atomic group (?>'],
  ];
  for (const [mark, name] of refused) if (reader.sees(mark)) throw unsupported(name);
  if (reader.take(':')) return closed(reader, depth);
  if (reader.take('<')) {
    if (!reader.match(/[A-Za-z][A-Za-z0-9]*>/y)) throw new RegexError('a named group must have a name');
    return closed(reader, depth);
  }
  return readFlags(reader, depth);
}

function readFlags(reader: Reader, depth: number): string {
  const found = reader.match(/([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])/y);
  if (!found) throw new RegexError('unknown group (?');
  const [, on = '', off = '', end] = found;
  const unknown = /[^imsuxd]/.exec(on + off);
  if (unknown)
    throw unknown[0] === 'U' ? unsupported('the flag (?U)') : new RegexError(`unknown flag ${unknown[0]}`);
  const before = reader.flags;
  const flags = { ...before };
  for (const flag of on) flags[flag as keyof Flags] = true;
  for (const flag of off) flags[flag as keyof Flags] = false;
  reader.flags = flags;
  if (end === ')') return '';
  const group = closed(reader, depth);
  reader.flags = before;
  return group;
}

function closed(reader: Reader, depth: number): string {
  const inner = alternatives(reader, depth - 1);
  if (!reader.take(')')) throw new RegexError('a group is not closed by )');
  return `(?:${inner})`;
}

const ANCHORS: Readonly<Record<string, string>> = { A: '\\A', z: '\\z', Z: '\\z', b: '\\b', B: '\\B' };

function readEscaped(reader: Reader): string {
  const chars = readEscape(reader);
  if (chars) return written(chars, reader.flags);
  const char = reader.pattern[reader.at] ?? '';
  if (Object.hasOwn(ANCHORS, char) && !reader.pattern.startsWith('b{', reader.at)) {
    reader.at += 1;
    return ANCHORS[char]!;
  }
  if (char === 'R') {
    reader.at += 1;
    return `(?:\\r\\n|${range(setOf('\n\r', '\u0085', '\u2028\u2029'))})`;
  }
  throw reader.pattern.startsWith('b{', reader.at) ? unsupported('\\b{') : unknownEscape(reader);
}

function literal(code: number, flags: Flags): string {
  return written({ set: [[code, code]], classes: [] }, flags);
}

/** Without `u`, Java's `i` knows the letters of ASCII only. */
function written({ set, classes }: Chars, { i, u }: Flags): string {
  const text = range(i && !u ? foldAscii(set) : set, classes);
  return i && u ? `(?i:${text})` : text;
}

function range(set: CharSet, classes: readonly string[] = []): string {
  const [first, second] = set;
  if (first && !second && first[0] === first[1] && classes.length === 0) return code(first[0]);
  const ranges = set.map(([from, to]) => (from === to ? code(from) : `${code(from)}-${code(to)}`));
  // No engine takes an empty class; one that is cut to nothing matches nothing.
  return ranges.length + classes.length === 0
    ? '[^\\x{0}-\\x{10ffff}]'
    : `[${ranges.join('')}${classes.join('')}]`;
}

function code(point: number): string {
  const char = String.fromCodePoint(point);
  return /[0-9A-Za-z]/.test(char) ? char : `\\x{${point.toString(16)}}`;
}
