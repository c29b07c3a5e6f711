// The patterns of `circleci tests glob` (AGENT A-031): `*`, `**`, `?`, `[a-z]`, `[^a]`, `{a,b}` and `\` before a character.

/** The pattern cannot be read; the message is what the user sees. */
export class PatternError extends Error {
  constructor() {
    super('syntax error in pattern');
    this.name = 'PatternError';
  }
}

/** One component of a path: a name as it stands, everything at any depth, or what a name must match. */
export type Component = { name: string } | 'any depth' | { test: RegExp };

export interface Pattern {
  absolute: boolean;
  components: Component[];
}

const META = /[*?[{\\]/;
/** So many patterns may become of one by `{a/b,c}`. */
const MOST_ALTERNATIVES = 1000;

/**
 * Reads a pattern. Usually it is one; alternatives that hold a `/` make several, whose matches come one after the other.
 * @throws PatternError
 */
export function readPattern(text: string): Pattern[] {
  return spread(text).map((pattern) => {
    const parts = splitAt(pattern, '/').filter((part) => part !== '' && part !== '.');
    const components = parts.map(readComponent);
    return {
      absolute: pattern.startsWith('/'),
      // Two of them next to each other mean the same as one.
      components: components.filter((c, i) => c !== 'any depth' || components[i - 1] !== 'any depth'),
    };
  });
}

function readComponent(part: string): Component {
  if (part === '**') return 'any depth';
  if (!META.test(part)) return { name: part };
  const { source, end } = toRegExp(part, 0, false);
  if (end !== part.length) throw new PatternError();
  return { test: new RegExp(`^(?:${source})$`, 'su') };
}

/** Reads from `at` on, within braces up to the comma or brace that ends an alternative. */
function toRegExp(text: string, at: number, inBraces: boolean): { source: string; end: number } {
  let source = '';
  while (at < text.length) {
    const character = characterAt(text, at);
    if (inBraces && (character === ',' || character === '}')) break;
    if (character === '*') {
      source += source.endsWith('.*') ? '' : '.*';
      at++;
    } else if (character === '?') {
      source += '.';
      at++;
    } else if (character === '[') {
      const set = readSet(text, at + 1);
      source += set.source;
      at = set.end;
    } else if (character === '{') {
      const choice = readChoice(text, at + 1);
      source += choice.source;
      at = choice.end;
    } else {
      const { value, end } = readLiteral(text, at);
      source += quoted(value);
      at = end;
    }
  }
  return { source, end: at };
}

function readChoice(text: string, at: number): { source: string; end: number } {
  const alternatives: string[] = [];
  for (;;) {
    const { source, end } = toRegExp(text, at, true);
    if (end >= text.length) throw new PatternError();
    alternatives.push(source);
    if (text[end] === '}') return { source: `(?:${alternatives.join('|')})`, end: end + 1 };
    at = end + 1;
  }
}

function readSet(text: string, at: number): { source: string; end: number } {
  const negated = text[at] === '^' || text[at] === '!';
  if (negated) at++;
  let ranges = '';
  const from = at;
  while (text[at] !== ']') {
    if (text[at] === '-') throw new PatternError();
    const low = readLiteral(text, at);
    let high = low;
    if (text[low.end] === '-') {
      if (text[low.end + 1] === ']' || text[low.end + 1] === '-') throw new PatternError();
      high = readLiteral(text, low.end + 1);
    }
    // A range from high to low holds nothing; a regular expression would refuse it.
    if (low.value.codePointAt(0)! <= high.value.codePointAt(0)!)
      ranges += `${quoted(low.value)}-${quoted(high.value)}`;
    at = high.end;
    if (at >= text.length) throw new PatternError();
  }
  if (at === from) throw new PatternError();
  return { source: `[${negated ? '^' : ''}${ranges}]`, end: at + 1 };
}

/** One character, the one after a backslash as it stands. */
function readLiteral(text: string, at: number): { value: string; end: number } {
  const escaped = text[at] === '\\' ? 1 : 0;
  const value = characterAt(text, at + escaped);
  if (value === '') throw new PatternError();
  return { value, end: at + escaped + value.length };
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function quoted(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
}

/** `{a/b,c}d` as `a/bd` and `cd`: alternatives of several components cannot be tried name by name. */
function spread(text: string): string[] {
  const done: string[] = [];
  const waiting = [text];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const braces = bracesWithSlash(next);
    if (braces === undefined) done.push(next);
    else {
      const { start, end } = braces;
      const before = next.slice(0, start);
      const after = next.slice(end + 1);
      waiting.unshift(
        ...splitAt(next.slice(start + 1, end), ',').map((choice) => `${before}${choice}${after}`),
      );
    }
    if (done.length + waiting.length > MOST_ALTERNATIVES) throw new PatternError();
  }
  return done;
}

/** The first outermost braces with a `/` or a `**` in them. */
function bracesWithSlash(text: string): { start: number; end: number } | undefined {
  let start = -1;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') i = endOfSet(text, i);
    else if (text[i] === '{' && depth++ === 0) start = i;
    else if (text[i] === '}' && depth > 0 && --depth === 0) {
      if (/\/|\*\*/.test(text.slice(start, i))) return { start, end: i };
    }
  }
  return undefined;
}

/** Cuts at a character where it stands outside of braces and sets, and not after a backslash. */
function splitAt(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') i = endOfSet(text, i);
    else if (text[i] === '{') depth++;
    else if (text[i] === '}') depth = Math.max(0, depth - 1);
    else if (text[i] === separator && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** The index of the bracket that ends a set; where there is none, that of the one that begins it. */
function endOfSet(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ']') return i;
  }
  return at;
}
