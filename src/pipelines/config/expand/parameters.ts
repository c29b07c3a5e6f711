// Arguments of a call: evaluated and bound in the caller's scope, defaults in the element's own (LANGUAGE C-130, C-164).
import { bindArguments } from '../parameters/bind.js';
import { type Place } from '../problems/fault.js';
import { isNull, scalar, type ConfigNode, type SequenceNode } from '../yaml/node.js';
import type { Element, Namespace } from './namespace.js';
import { declarationsOf, evaluate, type Compilation, type Scope } from './scope.js';

/** Expands the value of a steps parameter in the scope of whoever wrote it; passed in, since calls and steps nest. */
export type ExpandList = (scope: Scope, list: ConfigNode) => SequenceNode;

/** The values of an element's parameters for one call. Throws a ConfigFault for arguments that do not fit. */
export function bindScoped(
  compilation: Compilation,
  caller: Scope,
  element: Element,
  args: ReadonlyMap<string, ConfigNode>,
  at: Place,
  expandList: ExpandList,
): Map<string, ConfigNode> {
  const declarations = declarationsOf(compilation, element.definition);
  const evaluated = new Map<string, ConfigNode>();
  const absent = new Set<string>();
  for (const [name, node] of args) {
    const type = declarations.get(name)?.type;
    const isSteps = type === 'steps' && node.kind === 'sequence';
    const value = isSteps ? expandList(caller, node) : evaluate(compilation, caller, node);
    evaluated.set(name, value);
    // What this pipeline does not have, such as the base revision on the first build of a branch (C-114), is passed on.
    if (type === 'string' && isNull(value) && !isNull(node)) absent.add(name);
  }
  const own: Scope = { namespace: element.namespace, parameters: new Map(), calls: caller.calls };
  const result = new Map<string, ConfigNode>();
  for (const [name, { value, isDefault }] of bindArguments(declarations, evaluated, at, absent)) {
    const type = declarations.get(name)?.type;
    const scope = isDefault ? own : caller;
    if (type === 'executor') result.set(name, scoped(compilation, value, scope.namespace));
    else if (type === 'steps') result.set(name, expandList(scope, value));
    else result.set(name, isDefault ? evaluate(compilation, own, value) : value);
  }
  return result;
}

/** A value that already has a scope keeps it: it was an executor argument of the caller itself. */
function scoped(compilation: Compilation, value: ConfigNode, namespace: Namespace): ConfigNode {
  if (compilation.executorScopes.has(value)) return value;
  const copy: ConfigNode = value.kind === 'scalar' ? scalar(value.value, value) : { ...value };
  compilation.executorScopes.set(copy, namespace);
  return copy;
}
