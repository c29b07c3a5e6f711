// One entry of a workflow's job list, read into the invocations that it stands for.
import type { JobInvocation } from '../expand/job.js';
import { evaluate, type Compilation, type Scope } from '../expand/scope.js';
import { fault, type Place } from '../problems/fault.js';
import { withPlace } from '../problems/place.js';
import {
  entriesOf,
  isNull,
  scalar,
  textOf,
  toPlain,
  type ConfigNode,
  type MappingNode,
} from '../yaml/node.js';
import { compileFilters } from './condition.js';
import { combinationName, readMatrix, type Combination } from './matrix.js';
import { readRequires, type JobGroupScope, type RequiresItem } from './requires.js';

export interface Invocation {
  /** The name of the job's definition, e.g. `build` or `orb/job`. */
  job: string;
  /** The name in the workflow, before numbers are added to equal names. */
  name: string;
  /** What a whole matrix is required by. */
  alias?: string;
  type?: string;
  requires: RequiresItem[];
  /** The reserved keys that are printed, without `requires`, evaluated. */
  kept: Map<string, ConfigNode>;
  overrideWith?: string;
  call: JobInvocation;
  /** Places of the option keys. */
  keys: ReadonlyMap<string, Place>;
  /** The compiled job, for one that the compiler has added. */
  definition?: MappingNode;
  id?: symbol;
  /** See RequiredJob. */
  calledAs?: string | null;
  group?: JobGroupScope;
}

/** Printed in the order filters, requires, context (C-397); the rest in source order. */
const PRINTED = ['type', 'filters', 'context', 'serial-group'];
/** Keys of an entry that are no arguments (C-283). */
export const RESERVED: ReadonlySet<string> = new Set([
  'requires',
  'name',
  'context',
  'type',
  'filters',
  'matrix',
  'pre-steps',
  'post-steps',
  'serial-group',
  'override-with',
]);

/** Throws a ConfigFault for an entry that is neither a name nor a map. */
export function readEntry(compilation: Compilation, scope: Scope, entry: ConfigNode): Invocation[] {
  const { job, options } = jobAndOptions(entry);
  const matrixNode = compilation.templates ? entriesOf(options).get('matrix') : undefined;
  if (!matrixNode) {
    compilation.budget.take('jobs', 1, 'jobs', entry);
    return [invocation(compilation, scope, entry, job, options)];
  }
  const matrix = readMatrix(evaluate(compilation, scope, matrixNode), compilation.budget);
  compilation.budget.take('jobs', matrix.combinations.length, 'jobs', entry);
  const alias = matrix.alias ?? job;
  for (const { combination, by } of matrix.excluded) {
    const values = Object.fromEntries([...combination].map(([name, value]) => [name, toPlain(value)]));
    const name = nameOf(compilation, { ...scope, matrix: combination }, job, options, combination);
    compilation.notRun.push({
      ...(scope.via && { workflow: scope.via.name }),
      job: name,
      reasons: [{ type: 'matrix_exclude', values, ...withPlace(by) }],
    });
  }
  return matrix.combinations.map((combination) =>
    invocation(compilation, { ...scope, matrix: combination }, entry, job, options, { alias, combination }),
  );
}

/** Further keys beside the job's are accepted and have no effect, as with a mis-indented `filters` (C-379). */
export function jobAndOptions(entry: ConfigNode): { job: string; options?: MappingNode } {
  const name = textOf(entry);
  if (name !== undefined) return { job: name };
  const first = entry.kind === 'mapping' ? [...entry.entries][0] : undefined;
  if (!first) throw fault(`[${entry.pointer ?? '#'}] expected type: String, found: another type`, entry);
  const [job, options] = first;
  if (options.kind !== 'mapping' && !isNull(options)) {
    throw fault(`[${options.pointer ?? '#'}] expected type: Mapping, found: another type`, options);
  }
  return options.kind === 'mapping' ? { job, options } : { job };
}

function invocation(
  compilation: Compilation,
  scope: Scope,
  entry: ConfigNode,
  job: string,
  options: MappingNode | undefined,
  matrix?: { alias: string; combination: Combination },
): Invocation {
  const option = (key: string): ConfigNode | undefined => {
    const node = entriesOf(options).get(key);
    return node && evaluate(compilation, scope, node);
  };
  const kept = new Map<string, ConfigNode>();
  for (const key of PRINTED) {
    const node = entriesOf(options).get(key);
    if (!node) continue;
    const value =
      key === 'filters' ? compileFilters(compilation, scope, node) : evaluate(compilation, scope, node);
    // A value that a template brings stands where the template does, for messages.
    kept.set(key, value.kind === 'scalar' ? scalar(value.value, node, value.isFloat) : value);
  }
  return {
    job,
    name: nameOf(compilation, scope, job, options, matrix?.combination),
    ...(matrix && { alias: matrix.alias }),
    ...(textOf(kept.get('type')) !== undefined && { type: textOf(kept.get('type')) }),
    requires: readRequires(option('requires')),
    kept,
    ...(textOf(option('override-with')) !== undefined && { overrideWith: textOf(option('override-with')) }),
    call: callOf(scope, entry, job, options, matrix?.combination),
    keys: options?.keys ?? new Map(),
  };
}

/** The `name` of the entry, else the job's with the values of its matrix. */
function nameOf(
  compilation: Compilation,
  scope: Scope,
  job: string,
  options: MappingNode | undefined,
  combination: Combination | undefined,
): string {
  const node = entriesOf(options).get('name');
  const name = node && evaluate(compilation, scope, node);
  if (name?.kind === 'scalar' && name.value !== null) return String(name.value);
  return combination ? combinationName(job, combination) : job;
}

function callOf(
  scope: Scope,
  entry: ConfigNode,
  job: string,
  options: MappingNode | undefined,
  combination: Combination | undefined,
): JobInvocation {
  const entries = entriesOf(options);
  const own = [...entries].filter(([key]) => !RESERVED.has(key));
  return {
    job,
    caller: scope,
    // What stands in the matrix and beside it comes from the matrix, which the job is named by (C-302).
    args: new Map([...own, ...(combination ?? [])]),
    preSteps: entries.get('pre-steps'),
    postSteps: entries.get('post-steps'),
    at: entry,
  };
}
