// Words of an expression, each with its place in the text (LANGUAGE C-171).

export type TokenKind = 'name' | 'integer' | 'string' | 'regex' | 'operator' | 'end';

export interface Token {
  kind: TokenKind;
  /** A name or operator as written; the content of a string or regex without its quotes. */
  text: string;
  /** Offsets in the expression. */
  start: number;
  end: number;
}

export class ExpressionSyntaxError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

const WORD_OPERATORS = new Set(['and', 'or', 'not', 'matches', 'starts-with']);
const RULES: readonly [TokenKind, RegExp][] = [
  ['name', /[A-Za-z][A-Za-z0-9_.-]*/y],
  ['integer', /-?[0-9]+/y],
  ['string', /"(?:[^"\\]|\\.)*"/sy],
  ['regex', /\/(?:[^/\\]|\\.)*\//sy],
  ['operator', /==|!=|>=|<=|>|<|!|\(|\)/y],
];

/** Throws ExpressionSyntaxError at the first character that begins no word. */
export function lexExpression(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(source[at] ?? '')) at += 1;
    if (at >= source.length) break;
    const token = tokenAt(source, at);
    if (!token) throw new ExpressionSyntaxError(`unexpected '${source[at]}'`, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', start: source.length, end: source.length });
  return tokens;
}

function tokenAt(source: string, at: number): Token | undefined {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = at;
    const text = rule.exec(source)?.[0];
    if (text === undefined) continue;
    const place = { start: at, end: at + text.length };
    if (kind === 'string') return { kind, text: text.slice(1, -1).replace(/\\(["\\])/g, '$1'), ...place };
    if (kind === 'regex') return { kind, text: text.slice(1, -1).replaceAll('\\/', '/'), ...place };
    return { kind: kind === 'name' && WORD_OPERATORS.has(text) ? 'operator' : kind, text, ...place };
  }
  return undefined;
}
