// What `circleci env subst` does with a text (AGENT ).
import { lex, type Operator, type Token } from './lex.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The text with `$NAME`, `${NAME}` and their forms with a default replaced. Variables that are not set are empty; `$$` is `$`.
 *
 *   substitute('$A ${B:-none}', { A: 'x' })  // 'x none'
 *
 * @throws UnclosedBraceError
 */
export function substitute(text: string, environment: Environment): string {
  const tokens = lex(text);
  const valueOf = (name: string): string | undefined =>
    Object.hasOwn(environment, name) ? environment[name] : undefined;
  const parts: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.type === 'variable') parts.push(valueOf(nameOf(token)) ?? '');
    else if (token.type === 'open' && tokens[i + 1]?.type === 'variable') {
      const { next, expression } = readExpression(tokens, i + 1);
      i = next;
      parts.push(evaluate(expression, valueOf));
    } else parts.push(token.value);
  }
  return parts.join('');
}

interface Expression {
  name: string;
  operator?: Operator;
  fallback?: { variable: string } | { text: string };
}

/** @returns the expression from its name on, and the index of its closing brace */
function readExpression(tokens: Token[], from: number): { next: number; expression: Expression } {
  // The name in braces has no dollar; an odd one that begins with a blank is a name that no variable has.
  const expression: Expression = { name: tokens[from]!.value };
  let i = from + 1;
  for (; tokens[i]?.type !== 'close' && i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.type === 'operator') expression.operator = token.value;
    else if (token.type === 'variable') expression.fallback = { variable: nameOf(token) };
    else {
      // From the first character that is no variable on, all is text up to the brace, variables too.
      let text = '';
      for (; i < tokens.length && tokens[i]!.type !== 'close'; i++) text += tokens[i]!.value;
      expression.fallback = { text };
      i--;
    }
  }
  return { next: i, expression };
}

function evaluate(
  { name, operator, fallback }: Expression,
  valueOf: (name: string) => string | undefined,
): string {
  const value = valueOf(name);
  if (operator === undefined || fallback === undefined) return value ?? '';
  const other = () => ('text' in fallback ? fallback.text : (valueOf(fallback.variable) ?? ''));
  switch (operator) {
    case ':-':
    case ':=':
      return value || other();
    case '+':
    case ':+':
      return value === undefined ? '' : other();
    case '-':
    case '=':
      return value ?? other();
  }
}

function nameOf({ value }: Token): string {
  return value.replace(/^\$/, '');
}
