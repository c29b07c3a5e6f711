// What stands behind a backslash: a character or a class of them.
import { charSet, complement, type CharSet } from './char-set.js';
import { ESCAPED_CLASSES, POSIX_CLASSES, unicodeClass } from './named-classes.js';
import type { Reader } from './reader.js';
import { RegexError, unsupported } from './regex-error.js';

/** Characters; of Unicode's classes only the name is known, so they can be joined with others, but not cut. */
export interface Chars {
  set: CharSet;
  /** Classes in the engine's own words, such as `\p{L}`. */
  classes: readonly string[];
}

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, f: 12, r: 13, a: 7, e: 27 };

/** The backslash is taken already. Undefined for what is neither, such as `\b`; nothing is taken then. */
export function readEscape(reader: Reader): Chars | undefined {
  const char = reader.pattern[reader.at] ?? '';
  const known = Object.hasOwn(ESCAPED_CLASSES, char) ? ESCAPED_CLASSES[char] : undefined;
  if (known) {
    reader.at += 1;
    return { set: known, classes: [] };
  }
  if (char === 'p' || char === 'P') return readProperty(reader);
  const code = readCharacter(reader, char);
  return code === undefined ? undefined : { set: charSet([code, code]), classes: [] };
}

function readCharacter(reader: Reader, char: string): number | undefined {
  const hex = reader.match(/x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})/y);
  if (hex) return checked(Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16));
  const octal = reader.match(/0([0-3][0-7]{2}|[0-7]{1,2})/y);
  if (octal) return Number.parseInt(octal[1]!, 8);
  const control = reader.match(/c([\s\S])/y);
  if (control) return control[1]!.charCodeAt(0) ^ 64;
  if (Object.hasOwn(CONTROLS, char)) {
    reader.at += 1;
    return CONTROLS[char];
  }
  if (char === '' || /[0-9A-Za-z]/.test(char)) return undefined;
  // Anything that is no letter or digit stands for itself, blanks in comment mode too.
  const code = reader.pattern.codePointAt(reader.at)!;
  reader.at += code > 0xffff ? 2 : 1;
  return code;
}

function checked(code: number): number {
  if (code > 0x10ffff) throw new RegexError(`there is no character ${code.toString(16)}`);
  return code;
}

function readProperty(reader: Reader): Chars {
  const found = reader.match(/([pP])(?:\{([^}]*)\}|([A-Z]))/y);
  if (!found) throw new RegexError('\\p must be followed by a name in braces');
  const name = found[2] ?? found[3]!;
  const negated = found[1] === 'P';
  const posix = Object.hasOwn(POSIX_CLASSES, name) ? POSIX_CLASSES[name]! : undefined;
  if (posix) return { set: negated ? complement(posix) : posix, classes: [] };
  const unicode = unicodeClass(name);
  if (unicode === undefined) throw new RegexError(`the class \\p{${name}} is not supported`);
  return { set: [], classes: [`\\${found[1]}{${unicode}}`] };
}

/** Faults of escapes that are neither characters nor classes; `where` says what they were looked for in. */
export function unknownEscape(reader: Reader): RegexError {
  const char = reader.pattern[reader.at] ?? '';
  if (/[1-9]/.test(char)) return unsupported(`the backreference \\${char}`);
  if (char === 'k') return unsupported('the backreference \\k');
  if (char === 'X' || char === 'G' || char === 'N') return unsupported(`\\${char}`);
  return new RegexError(char === '' ? 'a backslash at the end' : `unknown escape \\${char}`);
}
