// A template as text and actions: what Go's lexer makes of it, with its words for what it does not take.

/** A template that Go would not take or could not run; the message is Go's. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

export interface Token {
  kind: 'field' | 'variable' | 'identifier' | 'string' | 'number' | '|' | '(' | ')' | ':=' | '=';
  text: string;
  /** Place in the source. */
  at: number;
}

/** What stands between `{{` and `}}`. */
export interface Action {
  tokens: Token[];
  /** Of its first word, or of its end when it has none. */
  at: number;
}

export const NAME = 'cacheKey';

const KINDS: readonly [Token['kind'], RegExp][] = [
  ['field', /\.(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?/y],
  ['variable', /\$\w*(?:\.[A-Za-z_]\w*)*/y],
  ['identifier', /[A-Za-z_]\w*/y],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['number', /[+-]?\d+(?:\.\d+)?/y],
  [':=', /:=/y],
  ['=', /=/y],
  ['|', /\|/y],
  ['(', /\(/y],
  [')', /\)/y],
];

/** Texts and actions in their order; comments are gone and texts trimmed where `{{-` and `-}}` say so. Throws TemplateError. */
export function templateParts(source: string): (string | Action)[] {
  const parts: (string | Action)[] = [];
  let at = 0;
  let trimNext = false;
  for (;;) {
    const open = source.indexOf('{{', at);
    let text = source.slice(at, open < 0 ? source.length : open);
    if (trimNext) text = text.trimStart();
    if (open < 0) return [...parts, text];
    let from = open + 2;
    if (/^-\s/.test(source.slice(from, from + 2))) {
      text = text.trimEnd();
      from += 1;
    }
    parts.push(text);
    const comment = /^\s*\/\*[^]*?\*\/\s*/.exec(source.slice(from));
    const { tokens, end, trim } = comment
      ? endOfComment(source, from + comment[0].length)
      : lex(source, from);
    if (!comment) parts.push({ tokens, at: tokens[0]?.at ?? from });
    trimNext = trim;
    at = end;
  }
}

/** An error at a place of the source, in Go's form for errors of parsing. */
export function parseError(source: string, at: number, message: string): TemplateError {
  return new TemplateError(`template: ${NAME}:${lineOf(source, at)}: ${message}`);
}

export function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}

interface Lexed {
  tokens: Token[];
  end: number;
  trim: boolean;
}

function endOfComment(source: string, from: number): Lexed {
  const close = /^(-)?\}\}/.exec(source.slice(from));
  if (!close) throw parseError(source, from, 'comment ends before closing delimiter');
  return { tokens: [], end: from + close[0].length, trim: close[1] !== undefined };
}

function lex(source: string, from: number): Lexed {
  const tokens: Token[] = [];
  for (let at = from; ;) {
    const rest = source.slice(at);
    const close = /^(\s+-)?\}\}/.exec(rest);
    if (close) return { tokens, end: at + close[0].length, trim: close[1] !== undefined };
    const space = /^\s+/.exec(rest);
    if (space) {
      at += space[0].length;
      continue;
    }
    if (rest === '') throw parseError(source, from, 'unclosed action');
    const token = tokenAt(source, at);
    if (!token) throw parseError(source, at, complaintAbout(rest[0]!));
    tokens.push(token);
    at += token.text.length;
  }
}

function tokenAt(source: string, at: number): Token | undefined {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return { kind, text, at };
  }
  return undefined;
}

function complaintAbout(char: string): string {
  if (char === '"') return 'unterminated quoted string';
  if (char === '`') return 'unterminated raw quoted string';
  return `unexpected "${char}" in command`;
}
