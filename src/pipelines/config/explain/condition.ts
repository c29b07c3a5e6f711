// Why the condition of a workflow, or the expression of a filter, came out as it did.
import { evaluate, variablesOf, type Compilation, type Scope } from '../expand/scope.js';
import { evaluateStatement, type LogicContext } from '../logic/statement.js';
import { ConfigFault } from '../problems/fault.js';
import { Budget } from '../problems/limits.js';
import { withPlace } from '../problems/place.js';
import { isLiteral } from '../template/scan.js';
import type { Variables } from '../template/variables.js';
import type { ConfigNode, MappingNode } from '../yaml/node.js';
import { explainExpression } from './expression.js';
import { flowText, shortValue } from './flow-text.js';
import type { Evaluated } from './reason.types.js';

/** Values that are evaluated to explain one condition; a larger one is shown without its parts. */
const EFFORT = 200;

/**
 * What the parts of a condition came to, which is `value` as a whole. It is evaluated again, part by part, on a budget of
 * its own: explaining must not be what makes a config too large. Done only for workflows that do not run.
 */
export function explainCondition(
  compilation: Compilation,
  scope: Scope,
  node: ConfigNode,
  value: boolean,
): Evaluated {
  const { limits } = compilation.budget;
  const budget = new Budget({ ...limits, evaluatedNodes: EFFORT });
  try {
    return explain({ ...compilation, budget }, scope, node);
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    return { text: flowText(node), value, ...withPlace(node) };
  }
}

function explain(compilation: Compilation, scope: Scope, node: ConfigNode): Evaluated {
  const depthLimit = compilation.budget.limits.logicDepth;
  if (node.kind === 'scalar' && typeof node.value === 'string' && isLiteral(node.value)) {
    if (node.value.trim() === '') return { text: node.value, value: false, ...withPlace(node) };
    const context = { variables: variablesOf(compilation, scope), depthLimit, at: node };
    return { ...explainExpression(node.value, context), ...withPlace(node) };
  }
  if (node.kind !== 'mapping') return explainValue(compilation, scope, node);
  const context: LogicContext = { evaluate: (child) => evaluate(compilation, scope, child), depthLimit };
  return explainStatement(compilation, scope, context, node);
}

function explainStatement(
  compilation: Compilation,
  scope: Scope,
  context: LogicContext,
  node: ConfigNode,
): Evaluated {
  if (node.kind !== 'mapping') return explainValue(compilation, scope, node);
  compilation.budget.take('evaluatedNodes', 1, 'parts of a condition', node);
  const value = evaluateStatement(node, context);
  const operands = operandsOf(compilation, scope, context, node);
  return {
    text: flowText(node),
    value,
    ...withPlace(node),
    ...(operands.length > 0 && { operands }),
  };
}

function operandsOf(
  compilation: Compilation,
  scope: Scope,
  context: LogicContext,
  node: MappingNode,
): Evaluated[] {
  const [first] = node.entries;
  if (!first) return [];
  const [operator, argument] = first;
  const statement = (child: ConfigNode): Evaluated => explainStatement(compilation, scope, context, child);
  const list = argument.kind === 'sequence' ? argument.items : [argument];
  switch (operator) {
    case 'and':
    case 'or': {
      // The first argument that decides is the last one that was looked at.
      const decides = list.findIndex((child) => evaluateStatement(child, context) === (operator === 'or'));
      return (decides === -1 ? list : list.slice(0, decides + 1)).map(statement);
    }
    case 'not':
      return [statement(argument)];
    case 'equal':
      return list.filter(hasTemplate).map((child) => explainValue(compilation, scope, child));
    case 'matches':
      return argument.kind === 'mapping'
        ? [...argument.entries.values()]
            .filter(hasTemplate)
            .map((child) => explainValue(compilation, scope, child))
        : [];
    default:
      return [];
  }
}

/** Literals say nothing that the text does not. */
function hasTemplate(node: ConfigNode): boolean {
  return flowText(node).includes('<<');
}

/** A value, with the variables that its templates use when it is more than one of them alone. */
function explainValue(compilation: Compilation, scope: Scope, node: ConfigNode): Evaluated {
  const seen = new Map<string, Evaluated>();
  const noting: Variables = (name, at) => {
    const found = compilation.pipeline(name, at);
    if (found) seen.set(name, { text: name, value: shortValue(found) });
    return found;
  };
  const { odd } = compilation.pipeline;
  const recording: Compilation = { ...compilation, pipeline: Object.assign(noting, { odd }) };
  const value = shortValue(evaluate(recording, scope, node));
  const text = flowText(node);
  const alone = seen.size === 1 && /^<<\s*[\w.-]+\s*>>$/.test(text);
  return {
    text,
    value,
    ...withPlace(node),
    ...(seen.size > 0 && !alone && { operands: [...seen.values()] }),
  };
}
