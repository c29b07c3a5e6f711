// Resolves `executor:` of a job to the keys that the job takes over from it (LANGUAGE C-194 to C-197, C-400).
import { fault } from '../problems/fault.js';
import { entriesOf, mapping, scalar, textOf, type ConfigNode, type MappingNode } from '../yaml/node.js';
import { findElement, missingElement } from './namespace.js';
import { bindScoped } from './parameters.js';
import { evaluate, type Compilation, type Scope } from './scope.js';
import { expandToList } from './steps.js';

const NOT_PRINTED = new Set(['parameters', 'description']);
export const EXECUTOR_TYPES: readonly string[] = ['docker', 'machine', 'macos', 'windows'];

/**
 * The executor with the templates of its keys evaluated, in source order. `reference` is a name or `{name, ...arguments}`,
 * with its own templates evaluated already. Throws a ConfigFault when there is no such executor.
 */
export function resolveExecutor(compilation: Compilation, scope: Scope, reference: ConfigNode): MappingNode {
  const nameNode = reference.kind === 'mapping' ? reference.entries.get('name') : reference;
  const name = textOf(nameNode);
  if (!nameNode || name === undefined) {
    const message =
      nameNode === undefined ? 'required key [name] not found' : 'expected type: String, found: another type';
    throw fault(`[${reference.pointer ?? '#'}] ${message}`, reference);
  }
  const namespace =
    compilation.executorScopes.get(reference) ?? compilation.executorScopes.get(nameNode) ?? scope.namespace;
  const element = findElement(namespace, 'executor', name);
  if (!element) throw missingElement(namespace, 'executor', name, reference);
  const args = new Map([...entriesOf(reference)].filter(([key]) => key !== 'name'));
  const parameters = bindScoped(
    compilation,
    { ...scope, namespace },
    element,
    args,
    reference,
    (owner, list) => expandToList(compilation, owner, list),
  );
  const inner: Scope = { namespace: element.namespace, parameters, calls: [] };
  const result = mapping([], element.definition, new Map(element.definition.keys));
  for (const [key, value] of element.definition.entries) {
    if (NOT_PRINTED.has(key)) continue;
    result.entries.set(key, evaluate(compilation, inner, value, key === 'environment'));
  }
  return result;
}

/** Moves `resource_class` and `shell` out of a `machine` map, unless the job sets them itself. */
export function liftMachineKeys(keys: Map<string, ConfigNode>): void {
  const machine = keys.get('machine');
  if (machine?.kind !== 'mapping') return;
  const rest = new Map(machine.entries);
  for (const key of ['resource_class', 'shell']) {
    const value = rest.get(key);
    if (!value) continue;
    rest.delete(key);
    if (!keys.has(key)) keys.set(key, value);
  }
  const lifted: MappingNode = mapping(rest, machine);
  keys.set('machine', rest.size > 0 ? lifted : scalar(true, machine));
}
