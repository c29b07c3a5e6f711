// An expression taken apart: what each part came to, down to the variables.
import { evaluateExpression } from '../expression/evaluate.js';
import { parseExpression, type BinaryOperator, type Expression } from '../expression/parse.js';
import { isTruthy } from '../logic/truth.js';
import type { Place } from '../problems/fault.js';
import type { Variables } from '../template/variables.js';
import type { ConfigNode } from '../yaml/node.js';
import { cutText, shortValue } from './flow-text.js';
import type { Evaluated } from './reason.types.js';

export interface ExpressionContext {
  variables: Variables;
  depthLimit: number;
  at: Place;
}

/** Characters of an expression that is taken apart. */
const EFFORT = 2_000;

/** `source` is known to evaluate without a fault. A very long one is shown without its parts. */
export function explainExpression(source: string, context: ExpressionContext): Evaluated {
  if (source.length > EFFORT) {
    return { text: cutText(source), value: shortValue(valueOf(source, context)) };
  }
  const { value, operands } = explain(parseExpression(source, context.depthLimit), context);
  return { text: cutText(source.trim()), value, ...(operands && { operands }) };
}

function explain(expression: Expression, context: ExpressionContext): Evaluated {
  const text = expressionText(expression);
  const value = shortValue(valueOf(text, context));
  const operands = operandsOf(expression, context);
  return { text: cutText(text), value, ...(operands.length > 0 && { operands }) };
}

function valueOf(text: string, { variables, depthLimit, at }: ExpressionContext): ConfigNode {
  // Each part is put into parentheses of its own, which must not be what breaks the limit.
  return evaluateExpression(text, variables, depthLimit * 2, at);
}

/** Operands that were looked at; literals say nothing that the text does not. */
function operandsOf(expression: Expression, context: ExpressionContext): Evaluated[] {
  switch (expression.kind) {
    case 'literal':
    case 'regex':
    case 'variable':
      return [];
    case 'not':
      return told([expression.operand], context);
    case 'binary': {
      const { operator, left, right } = expression;
      if (operator !== 'and' && operator !== 'or') return told([left, right], context);
      return told(lookedAt(chain(expression, operator), operator, context), context);
    }
  }
}

function told(expressions: readonly Expression[], context: ExpressionContext): Evaluated[] {
  return expressions
    .filter(({ kind }) => kind !== 'literal' && kind !== 'regex')
    .map((operand) => explain(operand, context));
}

/** `a and b and c` is one thing with three operands, however the tree has it. */
function chain(expression: Expression, operator: BinaryOperator): Expression[] {
  const operands: Expression[] = [];
  let rest = expression;
  while (rest.kind === 'binary' && rest.operator === operator) {
    operands.unshift(rest.right);
    rest = rest.left;
  }
  return [rest, ...operands];
}

function lookedAt(
  operands: readonly Expression[],
  operator: 'and' | 'or',
  context: ExpressionContext,
): Expression[] {
  const decides = operator === 'or';
  const last = operands.findIndex(
    (operand) => isTruthy(valueOf(expressionText(operand), context)) === decides,
  );
  return last === -1 ? [...operands] : operands.slice(0, last + 1);
}

/** An expression that means the same. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'string'
        ? `"${expression.value.replace(/["\\]/g, '\\$&')}"`
        : String(expression.value);
    case 'regex':
      return `/${expression.pattern.replaceAll('/', '\\/')}/`;
    case 'variable':
      return expression.name;
    case 'not':
      return `not ${inner(expression.operand)}`;
    case 'binary':
      return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`;
  }
}

function inner(expression: Expression): string {
  const text = expressionText(expression);
  return expression.kind === 'binary' || expression.kind === 'not' ? `(${text})` : text;
}
