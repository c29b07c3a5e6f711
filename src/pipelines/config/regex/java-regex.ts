// Java's regular expressions, as filters and `matches` use them (LANGUAGE C-176, C-183, C-295), in linear time: patterns
// come from configs, and a backtracking engine can be kept busy for years by a short one.
import { RE2JS } from 're2js';
import { fault, type Place } from '../problems/fault.js';
import { RegexError } from './regex-error.js';
import { translateJavaRegex } from './translate.js';

/** Code units. */
const LONGEST_PATTERN = 10_000;
/** Size of the pattern times length of the text: what one match may cost, a second or so. */
const MOST_WORK = 20_000_000;

/** Does the pattern match the whole text? Throws a ConfigFault when it is no pattern, or one that cannot be had. */
export function fullMatch(pattern: string, text: string, at: Place = {}): boolean {
  try {
    if (pattern.length > LONGEST_PATTERN)
      throw new RegexError(`it has more than ${LONGEST_PATTERN} characters`);
    const translated = translateJavaRegex(pattern);
    if (translated.size * text.length > MOST_WORK) {
      throw new RegexError(`the text that it is matched with is too long: ${text.length} characters`);
    }
    return compiled(translated.text).matches(text);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    const shown = pattern.length > 200 ? `${pattern.slice(0, 200)}…` : pattern;
    throw fault(`Invalid regular expression: /${shown}/: ${error.message}`, at);
  }
}

/** The same patterns are tried for every job of a config, and compiling one takes a millisecond. Oldest first. */
const recent = new Map<string, RE2JS>();
/** Characters of the patterns that are kept: what a compiled one takes grows with its length. */
const MOST_KEPT = 100_000;
let kept = 0;

function compiled(translated: string): RE2JS {
  const known = recent.get(translated);
  if (known) return known;
  try {
    const regex = RE2JS.compile(translated);
    keep(translated, regex);
    return regex;
  } catch (error) {
    // What the engine refuses beyond the syntax: unknown scripts, and programs that would be too large.
    const reason =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    throw new RegexError(reason);
  }
}

function keep(translated: string, regex: RE2JS): void {
  recent.set(translated, regex);
  kept += translated.length;
  for (const [oldest] of recent) {
    if (kept <= MOST_KEPT) return;
    recent.delete(oldest);
    kept -= oldest.length;
  }
}
