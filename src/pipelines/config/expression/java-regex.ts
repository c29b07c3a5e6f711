// Java's regular expressions, as filters and `matches` use them, on top of JavaScript's (LANGUAGE C-176, C-295).
import { fault, type Place } from '../problems/fault.js';

const POSIX: Record<string, string> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  Space: '\\s',
  Blank: ' \\t',
  XDigit: '0-9a-fA-F',
};

/**
 * Does the pattern match the whole text? Throws a ConfigFault when it is no pattern. How long a match may take is the
 * caller's matter: only a worker thread can be stopped (see pool/).
 */
export function fullMatch(pattern: string, text: string, at: Place = {}): boolean {
  return compileJavaRegex(pattern, at).test(text);
}

export function compileJavaRegex(pattern: string, at: Place = {}): RegExp {
  const { body, flags } = leadingFlags(pattern);
  try {
    // Only Unicode expressions know classes such as \p{L}.
    const translated = translate(body);
    const unicode = /\\[pP]\{/.test(translated) ? 'u' : '';
    return new RegExp(`^(?:${translated})$`, flags + unicode);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, '') : String(error);
    throw fault(`Invalid regular expression: /${pattern}/: ${reason}`, at);
  }
}

/** `(?i)` and its like at the start: JavaScript knows them only as flags of the whole expression. */
function leadingFlags(pattern: string): { body: string; flags: string } {
  const found = /^(\^?)\(\?([ims]+)\)/.exec(pattern);
  if (!found) return { body: pattern, flags: '' };
  return { body: (found[1] ?? '') + pattern.slice(found[0].length), flags: [...new Set(found[2])].join('') };
}

/** Rewrites what Java writes differently. A possessive quantifier becomes a greedy one: it accepts a little more. */
function translate(pattern: string): string {
  let result = '';
  let inClass = false;
  let afterQuantifier = false;
  for (let i = 0; i < pattern.length; i += 1) {
    const char = pattern[i]!;
    const possessive: boolean = afterQuantifier && char === '+';
    afterQuantifier = !inClass && !possessive && '*+?}'.includes(char);
    if (char === '\\') {
      const [text, length] = translateEscape(pattern.slice(i), inClass);
      result += text;
      i += length - 1;
    } else if (!possessive) {
      if (char === '[') inClass = true;
      if (char === ']') inClass = false;
      result += char;
    }
  }
  return result;
}

/** The JavaScript text of the escape at the start of `rest`, and how many characters it took. */
function translateEscape(rest: string, inClass: boolean): [string, number] {
  if (rest.startsWith('\\Q')) {
    const end = rest.indexOf('\\E', 2);
    const quoted = rest.slice(2, end === -1 ? undefined : end);
    return [quoted.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), end === -1 ? rest.length : end + 2];
  }
  const posix = /^\\p\{(\w+)\}/.exec(rest);
  const range = posix?.[1] === undefined ? undefined : POSIX[posix[1]];
  if (posix && range !== undefined) return [inClass ? range : `[${range}]`, posix[0].length];
  const category = /^\\[pP]\{\w+\}/.exec(rest);
  if (category) return [category[0], category[0].length];
  const anchors: Record<string, string> = { '\\A': '^', '\\z': '$', '\\Z': '$', '\\h': '[ \\t]' };
  const head = rest.slice(0, 2);
  return [anchors[head] ?? head, 2];
}
