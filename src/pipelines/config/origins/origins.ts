// Where every step and key of the job graph came from: the same graph, with places in the config and in its orbs.
import type { ConfigCall } from '../config.types.js';
import type { JobDefinition, PlannedJob, PlannedStep, PlannedWorkflow } from '../plan/plan.types.js';
import { pointerPart, sourcePlace, type Place, type SourcePlace } from '../problems/place.js';
import type { ConfigNode, MappingNode } from '../yaml/node.js';
import { nodesAt } from '../yaml/nodes-at.js';
import type { CallSite, Trace } from './trace.js';

/** Places of one key: where it is written, and where its value is, which a parameter may have brought from elsewhere. */
export interface KeyOrigin {
  key?: SourcePlace;
  value?: SourcePlace;
  /** Where the variables in a text got their values. */
  variables?: { name: string; at?: SourcePlace }[];
}
/** By the path of the key in the compiled config, e.g. `docker/0/image`, with the escapes of JSON pointers. */
export type KeyOrigins = Record<string, KeyOrigin>;

export interface StepOrigin {
  at?: SourcePlace;
  /** The calls that led to the step: workflow, job, commands; outermost first. */
  calls: ConfigCall[];
  keys: KeyOrigins;
}

export type TracedStep = PlannedStep & { origin: StepOrigin };

export interface TracedDefinition extends Omit<JobDefinition, 'steps'> {
  origin: { at?: SourcePlace; keys: KeyOrigins };
  steps: TracedStep[];
}

export interface TracedJob extends Omit<PlannedJob, 'definition'> {
  /** The entry in the workflow. */
  origin: { at?: SourcePlace; keys: KeyOrigins };
  definition?: TracedDefinition;
}

export interface TracedWorkflow extends Omit<PlannedWorkflow, 'jobs'> {
  origin: { at?: SourcePlace };
  jobs: TracedJob[];
}

/** `root` is the compiled document that the workflows were planned from, and `trace` that of its compilation. */
export function withOrigins(
  workflows: readonly PlannedWorkflow[],
  root: MappingNode,
  trace: Trace,
): TracedWorkflow[] {
  return workflows.map((workflow) => {
    const node = nodeAt(root, `#/workflows/${pointerPart(workflow.name)}`);
    const entries = entriesByName(node);
    return {
      ...workflow,
      origin: placed(node),
      jobs: workflow.jobs.map((job) => tracedJob(job, entries.get(job.name), root, trace)),
    };
  });
}

function tracedJob(
  { definition, ...job }: PlannedJob,
  entry: ConfigNode | undefined,
  root: MappingNode,
  trace: Trace,
): TracedJob {
  const origin = { ...placed(entry), keys: keyOrigins(optionsOf(entry), trace) };
  if (!definition) return { ...job, origin };
  const body = nodeAt(root, `#/jobs/${pointerPart(job.name)}`);
  return { ...job, origin, definition: tracedDefinition(definition, body, trace) };
}

function tracedDefinition(
  { steps, ...definition }: JobDefinition,
  body: ConfigNode | undefined,
  trace: Trace,
): TracedDefinition {
  const list = body?.kind === 'mapping' ? body.entries.get('steps') : undefined;
  const nodes = list?.kind === 'sequence' ? list.items : [];
  return {
    ...definition,
    origin: { ...placed(body), keys: keyOrigins(body, trace, 'steps') },
    // Planning keeps the steps one to one.
    steps: steps.map((step, index) => ({ ...step, origin: stepOrigin(nodes[index], trace) })),
  };
}

function stepOrigin(node: ConfigNode | undefined, trace: Trace): StepOrigin {
  const value = node?.kind === 'mapping' ? [...node.entries.values()][0] : undefined;
  return {
    ...placed(node),
    calls: node ? callsOf(trace.callOf(node)) : [],
    keys: keyOrigins(value, trace),
  };
}

/** The calls around a step, outermost first. */
export function callsOf(site: CallSite | undefined): ConfigCall[] {
  const calls: ConfigCall[] = [];
  for (let call = site; call; call = call.parent) {
    calls.unshift({ kind: call.kind, name: call.name, ...sourcePlace(call.at) });
  }
  return calls;
}

/** The keys in a node, at any depth; `without` is a key at its top that is left out. */
function keyOrigins(node: ConfigNode | undefined, trace: Trace, without?: string): KeyOrigins {
  const result: KeyOrigins = {};
  if (node) collect(node, trace, '', result, without);
  return result;
}

function collect(node: ConfigNode, trace: Trace, path: string, into: KeyOrigins, without?: string): void {
  const children: [string, ConfigNode, Place | undefined][] =
    node.kind === 'mapping'
      ? [...node.entries].map(([name, value]) => [pointerPart(name), value, node.keys.get(name)])
      : node.kind === 'sequence'
        ? node.items.map((item, index) => [String(index), item, undefined])
        : [];
  for (const [part, value, key] of children) {
    if (path === '' && part === without) continue;
    const name = path === '' ? part : `${path}/${part}`;
    // Not assigned: `__proto__` is a key like any other.
    Object.defineProperty(into, name, {
      value: keyOrigin(key, value, trace),
      enumerable: true,
      configurable: true,
      writable: true,
    });
    collect(value, trace, name, into);
  }
}

function keyOrigin(key: Place | undefined, value: ConfigNode, trace: Trace): KeyOrigin {
  const [keyPlace, valuePlace] = [sourcePlace(key), sourcePlace(value)];
  const variables = trace.variablesIn(value).map((used) => ({ name: used.name, ...placed(used.value) }));
  return {
    ...(keyPlace && { key: keyPlace }),
    ...(valuePlace && { value: valuePlace }),
    ...(variables.length > 0 && { variables }),
  };
}

function placed(node: ConfigNode | undefined): { at?: SourcePlace } {
  const at = sourcePlace(node);
  return at ? { at } : {};
}

function nodeAt(root: ConfigNode, pointer: string): ConfigNode | undefined {
  const nodes = nodesAt(root, pointer);
  return nodes.length === pointer.split('/').length ? nodes[nodes.length - 1] : undefined;
}

function entriesByName(workflow: ConfigNode | undefined): Map<string, ConfigNode> {
  const jobs = workflow?.kind === 'mapping' ? workflow.entries.get('jobs') : undefined;
  const items = jobs?.kind === 'sequence' ? jobs.items : [];
  return new Map(
    items.map((item) => [
      item.kind === 'mapping' ? ([...item.entries.keys()][0] ?? '') : nameOfScalar(item),
      item,
    ]),
  );
}

function nameOfScalar(node: ConfigNode): string {
  return node.kind === 'scalar' ? String(node.value) : '';
}

function optionsOf(entry: ConfigNode | undefined): ConfigNode | undefined {
  return entry?.kind === 'mapping' ? [...entry.entries.values()][0] : undefined;
}
