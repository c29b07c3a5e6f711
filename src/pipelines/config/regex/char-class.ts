// Java's character classes `[...]`, which nest, join and cut: `[a-z&&[^b]]`.
import { charSet, complement, intersection, union } from './char-set.js';
import { readEscape, unknownEscape, type Chars } from './escape.js';
import type { Reader } from './reader.js';
import { RegexError, unsupported } from './regex-error.js';

/** The opening bracket is taken already. `depth` bounds how far classes may nest. */
export function readClass(reader: Reader, depth: number): Chars {
  if (depth <= 0) throw new RegexError('classes nest too deeply');
  const negated = reader.take('^');
  let parts: Chars[] = [];
  let cut: Chars | undefined;
  for (;;) {
    if (reader.ended) throw new RegexError('a class is not closed by ]');
    // A bracket that closes nothing yet is a character.
    if (reader.sees(']') && (parts.length > 0 || cut)) break;
    if (reader.take('&&')) {
      cut = cut ? intersect(cut, join(parts)) : join(parts);
      parts = [];
    } else if (reader.take('[')) parts.push(readClass(reader, depth - 1));
    else parts.push(readRange(reader));
  }
  reader.take(']');
  const all = cut ? (parts.length > 0 ? intersect(cut, join(parts)) : cut) : join(parts);
  return negated ? negate(all) : all;
}

function readRange(reader: Reader): Chars {
  const first = readItem(reader);
  const from = single(first);
  const start = reader.at;
  if (from === undefined || !reader.take('-')) return first;
  // A dash before the end, before another class or an intersection is a character.
  if (reader.sees(']') || reader.sees('[') || reader.sees('&&')) {
    reader.at = start;
    return first;
  }
  const to = single(readItem(reader));
  if (to === undefined || to < from) throw new RegexError('illegal range of characters');
  return { set: charSet([from, to]), classes: [] };
}

function readItem(reader: Reader): Chars {
  if (!reader.isQuoted && reader.take('\\')) {
    const escaped = readEscape(reader);
    if (!escaped) throw unknownEscape(reader);
    return escaped;
  }
  const code = reader.next();
  return { set: charSet([code, code]), classes: [] };
}

function single({ set, classes }: Chars): number | undefined {
  const [range, more] = set;
  return range && !more && range[0] === range[1] && classes.length === 0 ? range[0] : undefined;
}

function join(parts: readonly Chars[]): Chars {
  return {
    set: union(...parts.map(({ set }) => set)),
    classes: parts.flatMap(({ classes }) => classes),
  };
}

function intersect(a: Chars, b: Chars): Chars {
  const [named] = [...a.classes, ...b.classes];
  if (named !== undefined) throw unsupported(`the class ${named} in an intersection &&`);
  return { set: intersection(a.set, b.set), classes: [] };
}

function negate({ set, classes }: Chars): Chars {
  if (classes.length === 0) return { set: complement(set), classes };
  const [only, more] = classes;
  if (set.length > 0 || more !== undefined)
    throw unsupported(`the class ${only} among others in a negated class`);
  return { set, classes: [only!.startsWith('\\P') ? only!.replace('P', 'p') : only!.replace('p', 'P')] };
}
