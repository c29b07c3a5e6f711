// Logic statements in map form: and, or, not, equal, matches (LANGUAGE C-180 to C-187).
import { fullMatch } from '../regex/java-regex.js';
import { fault } from '../problems/fault.js';
import { isNull, toPlain, type ConfigNode, type MappingNode, type PlainValue } from '../yaml/node.js';
import { isTruthy } from './truth.js';

export interface LogicContext {
  /** Evaluates the templates of a literal. */
  evaluate(node: ConfigNode): ConfigNode;
  depthLimit: number;
}

/**
 * The truth of a statement. Arguments are evaluated only as far as needed, so `and` and `or` guard what stands behind
 * them (C-116). The operator that stands first decides. Throws a ConfigFault for an empty list of arguments, two operators
 * in one map, or too much depth.
 */
export function evaluateStatement(node: ConfigNode, context: LogicContext, depth = 1): boolean {
  if (depth > context.depthLimit)
    throw fault(`Logic statements may be at most ${context.depthLimit} deep`, node);
  if (node.kind !== 'mapping') return isTruthy(context.evaluate(node));
  const [first] = node.entries;
  if (!first) return false;
  const [operator, argument] = first;
  const evaluate = (child: ConfigNode): boolean => evaluateStatement(child, context, depth + 1);
  switch (operator) {
    case 'and':
      return argumentsOf(node, operator, argument, context).every(evaluate);
    case 'or':
      return argumentsOf(node, operator, argument, context).some(evaluate);
    case 'not':
      single(node);
      return !evaluate(argument);
    case 'equal':
      return allEqual(argumentsOf(node, operator, argument, context).map((item) => context.evaluate(item)));
    case 'matches':
      single(node);
      return matches(argument, context);
    default:
      // Any other map is an opaque value, and values are true (C-186).
      return true;
  }
}

function single(node: MappingNode): void {
  // One without a value does not count: `- not:` with its statement on the next line, not indented, is in real configs.
  const counted = [...node.entries.values()].filter((argument) => !isNull(argument)).length;
  if (counted > 1) {
    throw fault(`[${node.pointer ?? '#'}] maximum size: [1], found: [${counted}]`, node);
  }
}

function argumentsOf(
  node: MappingNode,
  operator: string,
  argument: ConfigNode,
  context: LogicContext,
): ConfigNode[] {
  single(node);
  const list = argument.kind === 'scalar' ? context.evaluate(argument) : argument;
  const pointer = `${node.pointer ?? '#'}/${operator}`;
  if (list.kind !== 'sequence')
    throw fault(`[${pointer}] expected type: Sequence, found: ${kindOf(list)}`, argument);
  if (list.items.length === 0) throw fault(`[${pointer}] minimum size: [1], found: [0]`, argument);
  return list.items;
}

function kindOf(node: ConfigNode): string {
  return node.kind === 'mapping' ? 'Mapping' : 'Scalar';
}

function matches(argument: ConfigNode, context: LogicContext): boolean {
  const entries = argument.kind === 'mapping' ? argument.entries : undefined;
  const [pattern, value] = [entries?.get('pattern'), entries?.get('value')];
  if (!pattern || !value) {
    const missing = pattern ? 'value' : 'pattern';
    throw fault(`[${argument.pointer ?? '#'}] required key [${missing}] not found`, argument);
  }
  const patternText = toPlain(context.evaluate(pattern));
  const text = toPlain(context.evaluate(value));
  if (typeof patternText !== 'string') throw fault('The pattern of matches must be a string', pattern);
  return fullMatch(patternText, text === null ? '' : String(text), pattern);
}

/** Typed comparison; an executor compares by its name (C-149), and an absent pipeline value is the empty string. */
function allEqual(nodes: readonly ConfigNode[]): boolean {
  const values = nodes.map(comparable);
  const names = values.map(executorName);
  return (
    values.every((value) => value === values[0]) ||
    (names[0] !== undefined && names.every((name) => name === names[0]))
  );
}

function comparable(node: ConfigNode): string {
  const value = toPlain(node);
  return JSON.stringify(sorted(value === null ? '' : value));
}

function executorName(value: string): string | undefined {
  const plain = JSON.parse(value) as PlainValue;
  if (typeof plain === 'string') return plain;
  if (plain === null || typeof plain !== 'object' || Array.isArray(plain)) return undefined;
  return Object.keys(plain).length === 1 && typeof plain.name === 'string' ? plain.name : undefined;
}

function sorted(value: PlainValue): PlainValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
