// Whether a workflow exists in this pipeline: its `when` or `unless` (LANGUAGE C-178, C-180 to C-188, C-311).
import { explainCondition } from '../explain/condition.js';
import type { NotRunReason } from '../explain/reason.types.js';
import { evaluate, evaluateForLogic, variablesOf, type Compilation, type Scope } from '../expand/scope.js';
import { evaluateExpression } from '../expression/evaluate.js';
import { inlineParameters } from '../expression/inline.js';
import { evaluateStatement } from '../logic/statement.js';
import { isTruthy } from '../logic/truth.js';
import { fault } from '../problems/fault.js';
import { withPlace } from '../problems/place.js';
import { isLiteral } from '../template/scan.js';
import { entriesOf, scalar, type ConfigNode, type MappingNode } from '../yaml/node.js';

/** Undefined when the workflow exists, else why it does not. */
export function whyNotCreated(
  compilation: Compilation,
  scope: Scope,
  workflow: MappingNode,
): NotRunReason | undefined {
  if (workflowRuns(compilation, scope, workflow)) return undefined;
  const key = workflow.entries.has('when') ? 'when' : 'unless';
  const node = workflow.entries.get(key)!;
  const condition = explainCondition(compilation, scope, node, key === 'unless');
  return { type: 'condition', key, condition, ...withPlace(node) };
}

export function workflowRuns(compilation: Compilation, scope: Scope, workflow: ConfigNode): boolean {
  const [when, unless] = [entriesOf(workflow).get('when'), entriesOf(workflow).get('unless')];
  if (when && unless) {
    throw fault(`[${workflow.pointer ?? '#'}] only one of the keys when, unless is permitted`, unless);
  }
  if (when) return holds(compilation, scope, when);
  return unless ? !holds(compilation, scope, unless) : true;
}

/** A string without `<< >>` is an expression; with it, the evaluated value counts, and text is true (C-178). */
function holds(compilation: Compilation, scope: Scope, node: ConfigNode): boolean {
  const depthLimit = compilation.budget.limits.logicDepth;
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    if (!isLiteral(node.value)) return isTruthy(evaluateForLogic(compilation, scope, node));
    if (node.value.trim() === '') return false;
    return isTruthy(evaluateExpression(node.value, variablesOf(compilation, scope), depthLimit, node));
  }
  return evaluateStatement(node, {
    evaluate: (child) => evaluateForLogic(compilation, scope, child),
    depthLimit,
  });
}

/** `filters` of an entry: a map with its templates evaluated, or an expression that plan() decides (C-300). */
export function compileFilters(compilation: Compilation, scope: Scope, node: ConfigNode): ConfigNode {
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || !compilation.templates) {
    return evaluate(compilation, scope, node);
  }
  if (!isLiteral(node.value)) {
    const value = evaluate(compilation, scope, node);
    return value.kind === 'scalar' ? scalar(isTruthy(value), node) : value;
  }
  const limit = compilation.budget.limits.logicDepth;
  return scalar(inlineParameters(node.value, variablesOf(compilation, scope), limit, node), node);
}
