// Values of expressions. `and` and `or` return an operand and do not look at the other side without need (C-173).
import { isTruthy } from '../logic/truth.js';
import { fault, type Place } from '../problems/fault.js';
import { interpolate } from '../template/interpolate.js';
import { presentIn, unknownVariable, type Variables } from '../template/variables.js';
import { scalar, toPlain, type ConfigNode, type ScalarValue } from '../yaml/node.js';
import { fullMatch } from '../regex/java-regex.js';
import { ExpressionSyntaxError } from './lex.js';
import { parseExpression, type BinaryOperator, type Expression } from './parse.js';

/** Throws a ConfigFault for bad syntax, an unknown variable or an operand of the wrong type (LANGUAGE C-169 to C-177). */
export function evaluateExpression(
  source: string,
  variables: Variables,
  depthLimit: number,
  at: Place = {},
): ConfigNode {
  const text = withOddNames(source, variables, at);
  let expression: Expression;
  try {
    expression = parseExpression(text, depthLimit);
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    const caret = `${' '.repeat(error.offset)}^`;
    throw fault(`Invalid expression: ${error.message}:\n${text}\n${caret}`, at);
  }
  return new Evaluation(text, variables, at).value(expression);
}

/** Parameters whose names break the rules are replaced as text, before anything is read as an expression (C-179). */
export function withOddNames(source: string, { odd }: Variables, at: Place): string {
  let text = source;
  for (const [name, node] of odd ?? []) {
    const value = interpolate(node);
    const parts = text.split(name);
    if (text.length + parts.length * value.length > LONGEST_EXPRESSION) {
      throw fault(`The expression has more than ${LONGEST_EXPRESSION} characters`, at);
    }
    text = parts.join(value);
  }
  return text;
}

/** Of one into which parameters were written. */
const LONGEST_EXPRESSION = 1_000_000;

class Evaluation {
  constructor(
    private readonly source: string,
    private readonly variables: Variables,
    private readonly at: Place,
  ) {}

  value(expression: Expression): ConfigNode {
    switch (expression.kind) {
      case 'literal':
        return scalar(expression.value, this.at);
      case 'regex':
        throw fault('A regular expression may stand only on the right of matches', this.at);
      case 'variable':
        return this.variable(expression.name);
      case 'not':
        return scalar(!isTruthy(this.value(expression.operand)), this.at);
      case 'binary':
        return this.binary(expression);
    }
  }

  /** A pipeline value that this pipeline does not have acts as the empty string (C-175). */
  private variable(name: string): ConfigNode {
    const value = this.variables(name, this.at);
    if (!value) throw unknownVariable(name, this.source, this.at, this.variables);
    presentIn(this.source, value, this.at);
    return value.kind === 'scalar' && value.value === null ? scalar('', this.at) : value;
  }

  private binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): ConfigNode {
    const first = this.value(left);
    if (operator === 'and') return isTruthy(first) ? this.value(right) : first;
    if (operator === 'or') return isTruthy(first) ? first : this.value(right);
    if (operator === 'matches') {
      const text = this.expect('string', operator, first);
      const pattern =
        right.kind === 'regex' ? right.pattern : this.expect('string', operator, this.value(right));
      return scalar(fullMatch(pattern, text, this.at), this.at);
    }
    return scalar(this.compare(operator, first, this.value(right)), this.at);
  }

  private compare(operator: BinaryOperator, first: ConfigNode, second: ConfigNode): boolean {
    if (operator === '==' || operator === '!=') {
      const equal = JSON.stringify(toPlain(first)) === JSON.stringify(toPlain(second));
      return equal === (operator === '==');
    }
    if (operator === 'starts-with') {
      return this.expect('string', operator, first).startsWith(this.expect('string', operator, second));
    }
    const [a, b] = [this.expect('number', operator, first), this.expect('number', operator, second)];
    if (operator === '>') return a > b;
    if (operator === '>=') return a >= b;
    return operator === '<' ? a < b : a <= b;
  }

  private expect(type: 'string', operator: string, node: ConfigNode): string;
  private expect(type: 'number', operator: string, node: ConfigNode): number;
  private expect(type: 'string' | 'number', operator: string, node: ConfigNode): ScalarValue {
    const value = node.kind === 'scalar' ? node.value : undefined;
    if (typeof value === type) return value as ScalarValue;
    const found = JSON.stringify(toPlain(node));
    throw fault(`Operator ${operator} expects a ${type}, found: ${found}\nin: ${this.source}`, this.at);
  }
}
