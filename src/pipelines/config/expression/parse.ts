// Expressions to trees. From weak to strong: or; and; == !=; starts-with matches; >= > <= <; not ! (LANGUAGE C-172).
import { ExpressionSyntaxError, lexExpression, type Token } from './lex.js';

export type BinaryOperator = 'or' | 'and' | '==' | '!=' | 'starts-with' | 'matches' | '>=' | '>' | '<=' | '<';

export type Expression =
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'regex'; pattern: string }
  | { kind: 'variable'; name: string; token: Token }
  | { kind: 'not'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression };

const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['or'],
  ['and'],
  ['==', '!='],
  ['starts-with', 'matches'],
  ['>=', '>', '<=', '<'],
];

/** Throws ExpressionSyntaxError. `depthLimit` bounds parentheses and `not`, so that hostile text cannot use up the stack. */
export function parseExpression(source: string, depthLimit: number): Expression {
  const parser = new Parser(lexExpression(source), depthLimit);
  const expression = parser.binary(0, 1);
  parser.expectEnd();
  return expression;
}

class Parser {
  private index = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly depthLimit: number,
  ) {}

  private get token(): Token {
    return this.tokens[this.index]!;
  }

  private next(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.index += 1;
    return token;
  }

  private unexpected(): ExpressionSyntaxError {
    const { kind, text, start } = this.token;
    return new ExpressionSyntaxError(kind === 'end' ? 'unexpected end' : `unexpected '${text}'`, start);
  }

  binary(level: number, depth: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.unary(depth);
    let left = this.binary(level + 1, depth);
    while (this.token.kind === 'operator' && (operators as readonly string[]).includes(this.token.text)) {
      const operator = this.next().text as BinaryOperator;
      left = { kind: 'binary', operator, left, right: this.binary(level + 1, depth) };
    }
    return left;
  }

  private unary(depth: number): Expression {
    if (depth > this.depthLimit) {
      throw new ExpressionSyntaxError(`nested more than ${this.depthLimit} deep`, this.token.start);
    }
    const { kind, text } = this.token;
    if (kind === 'operator' && (text === 'not' || text === '!')) {
      this.next();
      return { kind: 'not', operand: this.unary(depth + 1) };
    }
    if (kind === 'operator' && text === '(') {
      this.next();
      const inner = this.binary(0, depth + 1);
      if (this.token.text !== ')' || this.token.kind !== 'operator') throw this.unexpected();
      this.next();
      return inner;
    }
    return this.primary();
  }

  private primary(): Expression {
    const token = this.token;
    if (token.kind === 'end' || token.kind === 'operator') throw this.unexpected();
    this.next();
    switch (token.kind) {
      case 'integer':
        return { kind: 'literal', value: Number(token.text) };
      case 'string':
        return { kind: 'literal', value: token.text };
      case 'regex':
        return { kind: 'regex', pattern: token.text };
      case 'name':
        if (token.text === 'true' || token.text === 'false')
          return { kind: 'literal', value: token.text === 'true' };
        return { kind: 'variable', name: token.text, token };
    }
  }

  expectEnd(): void {
    if (this.token.kind !== 'end') throw this.unexpected();
  }
}
