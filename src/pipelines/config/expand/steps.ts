// Expands a list of steps: conditions are decided, commands and steps parameters are replaced by what they hold.
import { calling, fault, type Place } from '../problems/fault.js';
import { evaluateStatement } from '../logic/statement.js';
import {
  copyOf,
  entriesOf,
  isNull,
  mapping,
  sequence,
  toPlain,
  type ConfigNode,
  type PlainValue,
  type SequenceNode,
} from '../yaml/node.js';
import { BUILTIN_STEPS } from './builtin-steps.js';
import { findElement, missingElement, type Element } from './namespace.js';
import type { CallSite } from '../origins/trace.js';
import { bindScoped } from './parameters.js';
import { evaluate, evaluateForLogic, type Compilation, type Scope } from './scope.js';

/**
 * The built-in steps that a list comes to, in order. Throws a ConfigFault for a step that is neither built in nor a
 * command of the scope, for a command that calls itself, and for what templates and arguments have wrong.
 */
export function expandSteps(
  compilation: Compilation,
  scope: Scope,
  list: ConfigNode | undefined,
): ConfigNode[] {
  if (isNull(list) || !list) return [];
  const node = list.kind === 'scalar' ? evaluate(compilation, scope, list) : list;
  if (node.kind !== 'sequence') {
    throw fault(`[${node.pointer ?? '#'}] expected type: Sequence, found: ${foundType(node)}`, list);
  }
  if (compilation.expandedSteps.has(node)) return node.items;
  return node.items.flatMap((step) => expandStep(compilation, scope, step));
}

/** Steps that are a parameter's default were reached by the call of the element that declares it. */
export function within(owner: Scope, via: CallSite): Scope {
  return owner.via ? owner : { ...owner, via };
}

/** The same as a node that is known to be expanded, to be the value of a steps parameter. */
export function expandToList(compilation: Compilation, scope: Scope, list: ConfigNode): SequenceNode {
  const result = sequence(expandSteps(compilation, scope, list), list);
  compilation.expandedSteps.add(result);
  return result;
}

function foundType(node: ConfigNode): string {
  if (node.kind !== 'scalar') return 'Mapping';
  return typeof node.value === 'string' ? 'String' : 'Null';
}

function expandStep(compilation: Compilation, scope: Scope, written: ConfigNode): ConfigNode[] {
  const step = written.kind === 'scalar' ? evaluate(compilation, scope, written) : written;
  if (step.kind === 'scalar' && typeof step.value === 'string') {
    return expandNamed(compilation, scope, step.value, undefined, step);
  }
  if (step.kind !== 'mapping') {
    const message = `[${step.pointer ?? '#'}] expected type: Mapping, found: ${step.kind === 'sequence' ? 'Sequence' : 'Null'}`;
    throw fault(message, step);
  }
  const [first, second] = step.entries;
  if (!first || second) {
    const { size } = step.entries;
    throw fault(`Step should have one key but it has ${size}: ${goText(toPlain(step))}`, step);
  }
  return expandNamed(compilation, scope, first[0], first[1], step);
}

/** A value as Go prints it: the agent of version 2, which said this, was written in Go. */
function goText(value: PlainValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${pairs.map(([key, item]) => `${key}:${goText(item)}`).join(' ')}]`;
}

function expandNamed(
  compilation: Compilation,
  scope: Scope,
  name: string,
  value: ConfigNode | undefined,
  step: ConfigNode,
): ConfigNode[] {
  if (compilation.templates) {
    if (name === 'when' || name === 'unless') return expandCondition(compilation, scope, name, value, step);
    if (name === 'steps') return expandSteps(compilation, scope, value);
    const command = findElement(scope.namespace, 'command', name);
    const running = command !== undefined && scope.calls.includes(command.definition);
    // A command that redefines a built-in step means the built-in one by that name inside itself (C-192).
    if (command && !(running && BUILTIN_STEPS.has(name))) {
      if (running) throw fault(`Command ${name} calls itself`, step);
      return calling(
        'command',
        name,
        () => expandCommand(compilation, scope, name, command, value, step),
        step,
      );
    }
  }
  if (compilation.templates && !BUILTIN_STEPS.has(name)) {
    throw missingElement(scope.namespace, 'command', name, step, [...BUILTIN_STEPS]);
  }
  compilation.budget.take('steps', 1, 'steps', step);
  const built = builtinStep(name, value && evaluate(compilation, scope, value), step);
  if (!compilation.trace) return [built];
  const own = built === step ? copyOf(step) : built;
  compilation.trace.step(own, scope.via);
  return [own];
}

/** A step without a value stays a bare name; a `run` that is a string becomes a map (C-393). */
function builtinStep(name: string, value: ConfigNode | undefined, step: ConfigNode): ConfigNode {
  if (!value) return step;
  if (name === 'run' && value.kind === 'scalar' && value.value !== null) {
    return mapping([[name, mapping([['command', value]], value)]], step, keysOf(step));
  }
  return mapping([[name, value]], step, keysOf(step));
}

function keysOf(node: ConfigNode): Map<string, Place> | undefined {
  return node.kind === 'mapping' ? node.keys : undefined;
}

function expandCondition(
  compilation: Compilation,
  scope: Scope,
  kind: 'when' | 'unless',
  value: ConfigNode | undefined,
  step: ConfigNode,
): ConfigNode[] {
  const condition = entriesOf(value).get('condition');
  const pointer = `${step.pointer ?? '#'}/${kind}`;
  if (!condition) throw fault(`[${pointer}] required key [condition] not found`, step);
  if (!entriesOf(value).has('steps')) throw fault(`[${pointer}] required key [steps] not found`, step);
  const holds = evaluateStatement(condition, {
    evaluate: (node) => evaluateForLogic(compilation, scope, node),
    depthLimit: compilation.budget.limits.logicDepth,
  });
  if (holds !== (kind === 'when')) return [];
  const steps = entriesOf(value).get('steps');
  // One step may stand without a list: real configs have it (C-254).
  return steps?.kind === 'mapping'
    ? expandStep(compilation, scope, steps)
    : expandSteps(compilation, scope, steps);
}

function expandCommand(
  compilation: Compilation,
  scope: Scope,
  name: string,
  command: Element,
  value: ConfigNode | undefined,
  step: ConfigNode,
): ConfigNode[] {
  if (scope.calls.length >= compilation.budget.limits.callDepth) {
    throw fault(
      `Commands may call each other at most ${compilation.budget.limits.callDepth} deep: ${name}`,
      step,
    );
  }
  const via: CallSite = { kind: 'command', name, at: step, parent: scope.via };
  const parameters = bindScoped(compilation, scope, command, entriesOf(value), step, (owner, list) =>
    expandToList(compilation, within(owner, via), list),
  );
  const inner: Scope = {
    namespace: command.namespace,
    parameters,
    calls: [...scope.calls, command.definition],
    via,
  };
  return expandSteps(compilation, inner, command.definition.entries.get('steps'));
}
