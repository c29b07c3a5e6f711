// Expands every element of an orb that can stand without arguments, and looks through the others, so that mistakes are
// told to whoever publishes the orb and not to all who use it.
import { calling, fault, FaultList } from '../problems/fault.js';
import { isLiteral, scanTemplate, TemplateSyntaxError, type TemplatePart } from '../template/scan.js';
import { unknownVariable } from '../template/variables.js';
import { entriesOf, mapping, scalar, textOf, type ConfigNode, type MappingNode } from '../yaml/node.js';
import { BUILTIN_STEPS } from './builtin-steps.js';
import { resolveExecutor } from './executor.js';
import { expandJob } from './job.js';
import { findElement, type Element, type ElementKind, type Namespace } from './namespace.js';
import { declarationsOf, type Compilation, type Scope } from './scope.js';
import { expandSteps } from './steps.js';

/** Throws a ConfigFault with the faults of all elements. */
export function checkElements(compilation: Compilation, namespace: Namespace): void {
  const faults = new FaultList();
  const kinds: [ElementKind, ReadonlyMap<string, ConfigNode>][] = [
    ['command', namespace.commands],
    ['executor', namespace.executors],
    ['job', namespace.jobs],
  ];
  for (const [kind, elements] of kinds) {
    for (const name of elements.keys()) {
      faults.collect(() => checkElement(compilation, namespace, kind, name));
    }
  }
  faults.throwIfAny();
}

function checkElement(compilation: Compilation, namespace: Namespace, kind: ElementKind, name: string): void {
  const element = findElement(namespace, kind, name);
  if (!element) throw fault(`Cannot find a definition for ${kind} named ${name}`);
  // Of an alias only the name is this orb's own.
  if (element.namespace !== namespace) return;
  const declarations = declarationsOf(compilation, element.definition);
  const scope: Scope = { namespace, calls: [] };
  if ([...declarations.values()].some((declared) => declared.default === undefined)) {
    lookThrough(element, new Set(declarations.keys()));
  } else if (kind === 'command') expandSteps(compilation, scope, mappingOfSteps(name));
  else if (kind === 'executor') resolveExecutor(compilation, scope, scalar(name));
  else {
    const call = { job: name, caller: scope, args: new Map<string, ConfigNode>(), at: element.definition };
    calling('job', name, () => expandJob(compilation, element, call));
  }
}

function mappingOfSteps(name: string): ConfigNode {
  return { kind: 'sequence', items: [scalar(name)] };
}

/** What can be seen without arguments: templates that are well formed and name what there is. */
function lookThrough({ definition, namespace }: Element, declared: ReadonlySet<string>): void {
  const faults = new FaultList();
  faults.collect(() => checkStepNames(namespace, definition.entries.get('steps')));
  const look = (node: ConfigNode): void => {
    if (node.kind === 'sequence') node.items.forEach(look);
    else if (node.kind === 'mapping') for (const child of node.entries.values()) look(child);
    else faults.collect(() => checkText(node, textOf(node) ?? '', declared));
  };
  look(withoutParameters(definition));
  faults.throwIfAny();
}

/** The names of steps as far as they are written out. */
function checkStepNames(namespace: Namespace, list: ConfigNode | undefined): void {
  if (list?.kind !== 'sequence') return;
  for (const step of list.items) {
    const [name, value] = step.kind === 'mapping' ? ([...step.entries][0] ?? []) : [textOf(step)];
    if (name === undefined || !isLiteral(name) || name === 'steps') continue;
    if (name === 'when' || name === 'unless') checkStepNames(namespace, entriesOf(value).get('steps'));
    else if (!BUILTIN_STEPS.has(name) && !findElement(namespace, 'command', name))
      throw fault(`Cannot find a definition for command named ${name}`, step);
  }
}

/** Defaults and descriptions have no parameters to see. */
function withoutParameters(definition: MappingNode): MappingNode {
  const kept = [...entriesOf(definition)].filter(([key]) => key !== 'parameters' && key !== 'description');
  return mapping(kept, definition);
}

function checkText(node: ConfigNode, text: string, declared: ReadonlySet<string>): void {
  if (isLiteral(text)) return;
  const check = (part: TemplatePart): void => {
    if (part.kind === 'text') return;
    const content = part.kind === 'section' ? part.name : part.content;
    const words = content.replace(/"(?:\\.|[^"\\])*"/g, '');
    for (const [, name] of words.matchAll(/(?<![\w.-])parameters\.([\w.-]+)/g)) {
      if (!declared.has(name!))
        throw fault(`Arguments referenced without declared parameters: ${name}`, node);
    }
    const pipelineParameter = /(?<![\w.-])pipeline\.parameters\.[\w.-]+/.exec(words)?.[0];
    if (pipelineParameter) throw unknownVariable(pipelineParameter, `<< ${content} >>`, node);
    if (part.kind === 'section') part.parts.forEach(check);
  };
  try {
    scanTemplate(text).forEach(check);
  } catch (error) {
    if (error instanceof TemplateSyntaxError) throw fault(error.message, node);
    throw error;
  }
}
