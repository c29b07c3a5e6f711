// What the templates of one element see, and the state that one compilation shares.
import { readDeclarations, type Declarations } from '../parameters/declaration.js';
import type { NotRun } from '../explain/reason.types.js';
import type { CallSite, Trace } from '../origins/trace.js';
import { fault } from '../problems/fault.js';
import { didYouMean } from '../problems/suggest.js';
import type { Budget } from '../problems/limits.js';
import { evaluateNode } from '../template/evaluate.js';
import { presentIn, type Variables } from '../template/variables.js';
import type { PipelineVariables } from '../pipeline-values.js';
import { textOf, type ConfigNode, type MappingNode, type SequenceNode } from '../yaml/node.js';
import type { Namespace } from './namespace.js';

/** Shared by all stages of one compilation. */
export interface Compilation {
  /** False for version 2 and 2.0, which have no templates at all (LANGUAGE C-004). */
  templates: boolean;
  budget: Budget;
  pipeline: PipelineVariables;
  /** Where the name in an executor argument resolves, by the node of the value (C-130). */
  executorScopes: WeakMap<ConfigNode, Namespace>;
  /** Lists whose steps are expanded already, each in the scope of whoever wrote it (C-150). */
  expandedSteps: WeakSet<SequenceNode>;
  /** Read once per element, since commands are called often. */
  declarations: WeakMap<MappingNode, Declarations>;
  /** Workflows and jobs that do not run, as they are found. */
  notRun: NotRun[];
  /** Set when somebody wants to know where every step came from. */
  trace?: Trace;
}

export interface Scope {
  namespace: Namespace;
  /** Undefined in workflows, which have no `parameters` (C-144). */
  parameters?: ReadonlyMap<string, ConfigNode>;
  /** `matrix.*`, in the entry of a matrix job only (C-167). */
  matrix?: ReadonlyMap<string, ConfigNode>;
  /** Definitions of the commands being expanded, outermost first. */
  calls: readonly MappingNode[];
  /** How this element was reached. */
  via?: CallSite;
}

export function declarationsOf(compilation: Compilation, definition: MappingNode): Declarations {
  const known = compilation.declarations.get(definition);
  if (known) return known;
  const declarations = readDeclarations(definition.entries.get('parameters'), 'element');
  compilation.declarations.set(definition, declarations);
  return declarations;
}

export function variablesOf(compilation: Compilation, scope: Scope): Variables {
  const variables: Variables = (name, at) => {
    if (name.startsWith('parameters.')) {
      const parameter = name.slice('parameters.'.length);
      const value = scope.parameters?.get(parameter);
      if (!value) {
        const hint = didYouMean(parameter, scope.parameters?.keys() ?? []);
        throw fault(`Arguments referenced without declared parameters: ${parameter}`, at, hint);
      }
      return value;
    }
    if (name.startsWith('matrix.')) return scope.matrix?.get(name.slice('matrix.'.length));
    // Pipeline parameters are not seen inside an orb (C-036, C-131).
    if (name.startsWith('pipeline.parameters.') && scope.namespace.kind === 'orb') return undefined;
    return compilation.pipeline(name);
  };
  const names = (): string[] => [
    ...[...(compilation.pipeline.names?.() ?? [])].filter(
      (name) => scope.namespace.kind === 'config' || !name.startsWith('pipeline.parameters.'),
    ),
    ...[...(scope.matrix?.keys() ?? [])].map((name) => `matrix.${name}`),
  ];
  const odd = scope.namespace.kind === 'orb' ? undefined : compilation.pipeline.odd;
  return Object.assign(variables, { odd, names });
}

/** `environment`: the node is what a key `environment` has, where empty pipeline values are null (C-044). */
export function evaluate(
  compilation: Compilation,
  scope: Scope,
  node: ConfigNode,
  environment = false,
): ConfigNode {
  return compilation.templates
    ? evaluateNode(node, variablesOf(compilation, scope), compilation.budget, {
        onUse: compilation.trace?.onUse,
        environment,
      })
    : node;
}

/** The same for what decides: a value that this kind of pipeline does not have is a fault there (C-116). */
export function evaluateForLogic(compilation: Compilation, scope: Scope, node: ConfigNode): ConfigNode {
  return presentIn(textOf(node) ?? '', evaluate(compilation, scope, node), node);
}
