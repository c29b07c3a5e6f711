// Java's regular expressions, as filters and `matches` use them (LANGUAGE C-176, C-183, C-295), in linear time: patterns
// come from configs, and a backtracking engine can be kept busy for years by a short one.
import { RE2JS } from 're2js';
import { fault, type Place } from '../problems/fault.js';
import { RegexError } from './regex-error.js';
import { translateJavaRegex, type Translated } from './translate.js';

/** Code units. */
const LONGEST_PATTERN = 10_000;
/** Size of the pattern times length of the text: what one match may cost, a second or so. */
const MOST_WORK = 20_000_000;

/** Does the pattern match the whole text? Throws a ConfigFault when it is no pattern, or one that cannot be had. */
export function fullMatch(pattern: string, text: string, at: Place = {}): boolean {
  try {
    if (pattern.length > LONGEST_PATTERN)
      throw new RegexError(`it has more than ${LONGEST_PATTERN} characters`);
    const known = recent.get(pattern) ?? keep(pattern, translateJavaRegex(pattern));
    if (known.size * text.length > MOST_WORK) {
      throw new RegexError(`the text that it is matched with is too long: ${text.length} characters`);
    }
    return (known.regex ??= compiled(known.text)).matches(text);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    const shown = pattern.length > 200 ? `${pattern.slice(0, 200)}…` : pattern;
    throw fault(`Invalid regular expression: /${shown}/: ${error.message}`, at);
  }
}

interface Known extends Translated {
  /** Made when it is first used. */
  regex?: RE2JS;
}

/** The same patterns are tried for every job of a config, and compiling one takes a millisecond. Oldest first. */
const recent = new Map<string, Known>();
/** Characters of the translations that are kept: what a compiled one takes grows with its length. */
const MOST_KEPT = 100_000;
let kept = 0;

function keep(pattern: string, known: Known): Known {
  recent.set(pattern, known);
  kept += known.text.length;
  for (const [oldest, { text }] of recent) {
    if (kept <= MOST_KEPT) break;
    recent.delete(oldest);
    kept -= text.length;
  }
  return known;
}

function compiled(translated: string): RE2JS {
  try {
    return RE2JS.compile(translated);
  } catch (error) {
    // What the engine refuses beyond the syntax: unknown scripts, and programs that would be too large.
    const reason =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    throw new RegexError(reason);
  }
}
