// Writes pipeline parameters into the text of an expression, for filters, which are decided after compilation.
import { fault, type Place } from '../problems/fault.js';
import { unknownVariable, type Variables } from '../template/variables.js';
import { toPlain } from '../yaml/node.js';
import { withOddNames } from './evaluate.js';
import { ExpressionSyntaxError, lexExpression, type Token } from './lex.js';
import { parseExpression } from './parse.js';

/**
 * The expression with every `pipeline.parameters.x` as a literal; other names stay, as a filter is decided for a branch
 * or tag later. Throws a ConfigFault for bad syntax and for names that do not exist.
 */
export function inlineParameters(
  written: string,
  variables: Variables,
  depthLimit: number,
  at: Place,
): string {
  const source = withOddNames(written, variables, at);
  let tokens: Token[];
  try {
    parseExpression(source, depthLimit);
    tokens = lexExpression(source);
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    throw fault(`Invalid expression: ${error.message}:\n${source}\n${' '.repeat(error.offset)}^`, at);
  }
  let result = '';
  let from = 0;
  for (const { kind, text, start, end } of tokens) {
    if (kind !== 'name' || text === 'true' || text === 'false') continue;
    const value = variables(text, at);
    if (!value) throw unknownVariable(text, source, at, variables);
    if (!text.startsWith('pipeline.parameters.')) continue;
    result += source.slice(from, start) + JSON.stringify(toPlain(value));
    from = end;
  }
  return result + source.slice(from);
}
