// Finds the ends of scalars, and what is wrong inside them.
import { YamlSyntaxError } from './syntax-error.js';
import type { Text } from './text.js';

/** The name behind `*` or `&`. */
export function scanName(text: Text, what: 'alias' | 'anchor'): string {
  const from = text.at;
  const context = { text: `while scanning an ${what}`, at: from };
  text.forward(1);
  const length = text.skipWhile((c) => !/[\0\s,[\]{}]/.test(c) && !(c === ':' && text.isBlank(1)));
  if (length === 0) throw new YamlSyntaxError(context, `unexpected character found ${shown(text)}`, text.at);
  return text.source.slice(from + 1, text.at);
}

function shown(text: Text): string {
  const code = text.source.codePointAt(text.at) ?? 0;
  return `${code === 0 ? '\\0' : String.fromCodePoint(code)}(${code})`;
}

/** What an unquoted scalar needs to know of the place where it stands. */
export interface PlainContext {
  readonly text: Text;
  readonly flowLevel: number;
  readonly indent: number;
  /** Set where a key may follow. */
  allowKey: boolean;
}

/** An unquoted scalar, which may go over several lines. */
export function scanPlain(scanner: PlainContext): void {
  const { text } = scanner;
  const inFlow = scanner.flowLevel > 0;
  const least = scanner.indent + 1;
  for (;;) {
    if (text.peek() === '#') return;
    const from = text.at;
    while (!endsPlain(text, inFlow)) text.forward(1);
    if (text.at === from) return;
    scanner.allowKey = false;
    const before = { at: text.at, line: text.line };
    text.skipWhile((c) => c === ' ' || c === '\t');
    if (text.skipBreak()) {
      scanner.allowKey = true;
      do text.skipWhile((c) => c === ' ');
      while (!text.isDocumentMark() && text.skipBreak());
      if (text.isDocumentMark()) return;
    }
    const spaces = text.at - before.at;
    if (spaces === 0 || text.peek() === '#' || (!inFlow && text.column < least)) return;
  }
}

function endsPlain(text: Text, inFlow: boolean): boolean {
  const char = text.peek();
  if (text.isBlank(0)) return true;
  if (char === ':') return text.isBlank(1) || (inFlow && ',[]{}'.includes(text.peek(1)));
  return inFlow && ',?[]{}'.includes(char);
}

const ESCAPES = '0abt\tnvfre "\\N_LP/';
const CODES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

export function scanQuoted(text: Text, quote: '"' | "'"): void {
  const from = text.at;
  text.forward(1);
  for (;;) {
    const char = text.peek();
    if (text.at >= text.source.length) {
      throw new YamlSyntaxError(
        { text: 'while scanning a quoted scalar', at: from },
        'found unexpected end of stream',
        text.at,
      );
    }
    if (quote === "'" && char === "'" && text.peek(1) === "'") text.forward(2);
    else if (char === quote) return text.forward(1);
    else if (quote === '"' && char === '\\') scanEscape(text, from);
    else if (text.skipBreak()) checkSeparator(text, from);
    else text.forward(1);
  }
}

function checkSeparator(text: Text, from: number): void {
  if (!text.isDocumentMark()) return;
  throw new YamlSyntaxError(
    { text: 'while scanning a quoted scalar', at: from },
    'found unexpected document separator',
    text.at,
  );
}

function scanEscape(text: Text, from: number): void {
  const context = { text: 'while scanning a double-quoted scalar', at: from };
  text.forward(1);
  const char = text.peek();
  const digits = CODES[char];
  if (digits !== undefined) {
    text.forward(1);
    const code = text.source.slice(text.at, text.at + digits);
    if (!new RegExp(`^[0-9A-Fa-f]{${digits}}$`).test(code)) {
      const problem = `expected escape sequence of ${digits} hexadecimal numbers, but found: ${code}`;
      throw new YamlSyntaxError(context, problem, text.at);
    }
    text.forward(digits);
  } else if (ESCAPES.includes(char) && text.at < text.source.length) text.forward(1);
  else if (!text.skipBreak())
    throw new YamlSyntaxError(context, `found unknown escape character ${shown(text)}`, text.at);
}

/** A `|` or `>` block inside something that is indented by `indent`. */
export function scanBlockScalar(text: Text, indent: number): void {
  const context = { text: 'while scanning a block scalar', at: text.at };
  text.forward(1);
  const header = /^(?:[-+]?[0-9]?|[0-9][-+])/.exec(text.source.slice(text.at, text.at + 2))?.[0] ?? '';
  const increment = /[0-9]/.exec(header)?.[0];
  if (increment === '0') {
    const problem = 'expected indentation indicator in the range 1-9, but found 0';
    throw new YamlSyntaxError(context, problem, text.at + header.indexOf('0'));
  }
  text.forward(header.length);
  text.skipWhile((c) => c === ' ');
  if (text.peek() === '#') text.skipWhile((c) => !text.breaksAt(c));
  if (text.at < text.source.length && !text.skipBreak()) {
    const problem = `expected a comment or a line break, but found ${shown(text)}`;
    throw new YamlSyntaxError(context, problem, text.at);
  }
  const least = Math.max(indent + 1, 1);
  let column = increment === undefined ? 0 : least + Number(increment) - 1;
  if (increment === undefined) {
    do
      column = Math.max(
        column,
        text.skipWhile((c) => c === ' '),
      );
    while (text.skipBreak());
    column = Math.max(least, column);
  }
  for (;;) {
    while (text.column < column && text.peek() === ' ') text.forward(1);
    if (text.skipBreak()) continue;
    if (text.column !== column || text.at >= text.source.length) return;
    text.skipWhile((c) => !text.breaksAt(c));
    if (!text.skipBreak()) return;
  }
}
