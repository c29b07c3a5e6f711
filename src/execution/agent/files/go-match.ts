// Go's filepath.Match for one path component (LANGUAGE C-273): * ? [a-z] [^a] and \ as escape; no **.

/** Thrown for a pattern that Go refuses, with Go's words. */
export class BadPatternError extends Error {
  constructor(pattern: string) {
    super(`syntax error in pattern: ${pattern}`);
    this.name = 'BadPatternError';
  }
}

/** True when the text has a character that is special in a pattern. */
export function isPattern(text: string): boolean {
  return /[*?[\\]/.test(text);
}

/** A test for names (without `/`) by a pattern without `/`. Throws BadPatternError. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '\\') {
      if (++i >= pattern.length) throw new BadPatternError(pattern);
      source += literal(String.fromCodePoint(pattern.codePointAt(i)!));
      if (pattern.codePointAt(i)! > 0xffff) i++;
    } else if (char === '[') {
      const { text, end } = charClass(pattern, i);
      source += text;
      i = end;
    } else source += literal(char);
  }
  const regex = new RegExp(`^${source}$`, 'us');
  return (name) => regex.test(name);
}

/** Selects paths below a root. `list` gives the names in a directory ([] when it is none), `exists` asks for a path. */
export async function globPaths(
  pattern: string,
  list: (directory: string) => Promise<string[]>,
  exists: (path: string) => Promise<boolean>,
): Promise<string[]> {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  let paths = [''];
  for (const segment of segments) {
    const next: string[] = [];
    const matches = isPattern(segment) ? nameMatcher(segment) : undefined;
    for (const path of paths) {
      const join = (name: string) => (path === '' ? name : `${path}/${name}`);
      if (matches) next.push(...(await list(path)).filter(matches).map(join));
      else if (await exists(join(segment))) next.push(join(segment));
    }
    paths = next;
  }
  return paths.filter((path) => path !== '').sort();
}

/** Translates `[...]` that starts at `start`; `end` is the index of its `]`. */
function charClass(pattern: string, start: number): { text: string; end: number } {
  let i = start + 1;
  const negated = pattern[i] === '^';
  if (negated) i++;
  let text = '';
  for (let count = 0; ; count++) {
    if (i >= pattern.length) throw new BadPatternError(pattern);
    if (pattern[i] === ']' && count > 0) break;
    const low = classChar(pattern, i);
    i = low.next;
    let high = low;
    if (pattern[i] === '-') {
      high = classChar(pattern, i + 1);
      i = high.next;
    }
    if (low.char <= high.char)
      text += low === high ? escape(low.char) : `${escape(low.char)}-${escape(high.char)}`;
  }
  // An empty set (its ranges are the wrong way round) matches nothing; negated, anything.
  if (text === '') return { text: negated ? '[^/]' : '(?!)', end: i };
  return { text: negated ? `[^/${text}]` : `[${text}]`, end: i };
}

function classChar(pattern: string, at: number): { char: string; next: number } {
  let i = at;
  if (i >= pattern.length || pattern[i] === '-' || pattern[i] === ']') throw new BadPatternError(pattern);
  if (pattern[i] === '\\' && ++i >= pattern.length) throw new BadPatternError(pattern);
  const char = String.fromCodePoint(pattern.codePointAt(i)!);
  if (i + char.length >= pattern.length) throw new BadPatternError(pattern);
  return { char, next: i + char.length };
}

function escape(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`;
}

function literal(char: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
