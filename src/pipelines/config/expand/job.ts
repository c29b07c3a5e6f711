// Expands one invocation of a job to what is printed for it: executor's keys, own keys, steps (LANGUAGE C-399).
import { fault, type Place } from '../problems/fault.js';
import { isNull, mapping, sequence, textOf, type ConfigNode, type MappingNode } from '../yaml/node.js';
import { mergeEnvironments } from './environment.js';
import { EXECUTOR_TYPES, liftMachineKeys, resolveExecutor } from './executor.js';
import type { Element } from './namespace.js';
import { bindScoped } from './parameters.js';
import { evaluate, type Compilation, type Scope } from './scope.js';
import { expandSteps, expandToList, within } from './steps.js';

export interface JobInvocation {
  /** The name of the job's definition. */
  job: string;
  /** Scope of the workflow entry: arguments and pre- and post-steps belong to it (C-307). */
  caller: Scope;
  args: ReadonlyMap<string, ConfigNode>;
  preSteps?: ConfigNode;
  postSteps?: ConfigNode;
  /** The entry, for messages. */
  at: ConfigNode;
}

const NOT_PRINTED = new Set(['parameters', 'description', 'executor', 'steps', 'environment']);

/** Throws a ConfigFault for whatever the job, its executor or one of its steps has wrong. */
export function expandJob(compilation: Compilation, job: Element, invocation: JobInvocation): MappingNode {
  const { caller, args, at } = invocation;
  const via = { kind: 'job', name: invocation.job, at, parent: caller.via } as const;
  const parameters = bindScoped(compilation, caller, job, args, at, (owner, list) =>
    expandToList(compilation, within(owner, via), list),
  );
  const scope: Scope = { namespace: job.namespace, parameters, calls: [], via };
  const own = job.definition.entries;
  const type = textOf(own.get('type')) ?? 'build';
  const executor = own.get('executor');
  const { entries: keys, keys: places } =
    executor && compilation.templates
      ? resolveExecutor(compilation, scope, evaluate(compilation, scope, executor))
      : mapping([]);
  const written = own.get('environment');
  const environment = mergeEnvironments(
    keys.get('environment'),
    written && evaluate(compilation, scope, written, true),
  );
  // Printed where the job has its own, else behind everything, steps included.
  keys.delete('environment');
  for (const [key, value] of own) {
    if (key === 'environment' && environment) keys.set(key, environment);
    if (key === 'steps') keys.set(key, value);
    const isLeftOut = NOT_PRINTED.has(key) || (key === 'parallelism' && isNull(value));
    if (!isLeftOut) keys.set(key, evaluate(compilation, scope, value));
    placeKey(places, key, job.definition);
  }
  if (type !== 'build') return mapping(keys, job.definition, places);
  checkExecutorType(keys, job.definition);
  liftMachineKeys(keys);
  const steps = [
    ...expandSteps(compilation, caller, invocation.preSteps),
    ...expandSteps(compilation, scope, own.get('steps')),
    ...expandSteps(compilation, caller, invocation.postSteps),
  ];
  keys.set('steps', sequence(steps, own.get('steps') ?? job.definition));
  if (environment) keys.set('environment', environment);
  return mapping(keys, job.definition, places);
}

function placeKey(places: Map<string, Place>, key: string, definition: MappingNode): void {
  const place = definition.keys.get(key);
  if (place) places.set(key, place);
}

function checkExecutorType(keys: Map<string, ConfigNode>, definition: MappingNode): void {
  const types = EXECUTOR_TYPES.filter((type) => keys.has(type));
  const own = EXECUTOR_TYPES.filter((type) => definition.entries.has(type));
  const pointer = definition.pointer ?? '#';
  if (own.length > 1 || (types.length > 1 && own.length === 0)) {
    throw fault(`[${pointer}] only one of the keys ${types.join(', ')} is permitted`, definition);
  }
  // A job's own executor replaces the named one, whatever its type (C-196).
  if (own.length === 1) for (const type of types) if (type !== own[0]) keys.delete(type);
  if (types.length === 0) {
    const lines = ['executor', 'docker', 'machine', 'macos'].map(
      (key, index) => `${index + 1}. [${pointer}] required key [${key}] not found`,
    );
    throw fault(`[${pointer}] 0 subschemas matched instead of one\n${lines.join('\n')}`, definition);
  }
}
