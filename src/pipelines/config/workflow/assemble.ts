// Puts the compiled document together: the workflows that run, and the jobs that they use in order of first use.
import type { NotRun } from '../explain/reason.types.js';
import { expandJob } from '../expand/job.js';
import {
  findElement,
  missingElement,
  missingOrb,
  type Element,
  type Namespace,
} from '../expand/namespace.js';
import type { Compilation, Scope } from '../expand/scope.js';
import type { CallSite } from '../origins/trace.js';
import { calling, fault, FaultList, type Place } from '../problems/fault.js';
import { withPlace } from '../problems/place.js';
import {
  entriesOf,
  isNull,
  mapping,
  scalar,
  sequence,
  textOf,
  toPlain,
  type ConfigNode,
  type MappingNode,
  type PlainValue,
} from '../yaml/node.js';
import { whyNotCreated } from './condition.js';
import { checkContexts } from './contexts.js';
import type { Invocation } from './entry.js';
import { readEntries, readJobGroups, type JobGroups } from './job-groups.js';
import { printedOrder } from './job-order.js';
import { finalNames } from './naming.js';
import { resolveRequires } from './requires.js';

export interface Assembled {
  jobs: MappingNode;
  workflows: MappingNode;
  /** The jobs as data, by their nodes. */
  plainJobs: ReadonlyMap<ConfigNode, PlainValue>;
}

interface ExpandedWorkflow {
  name: string;
  node: MappingNode;
  invocations: (Invocation & { body?: MappingNode; plain?: PlainValue; bodyText?: string })[];
}

const NOT_PRINTED = new Set(['when', 'unless', 'description', 'jobs']);
const NO_BUILD_JOB = [
  'Cannot find a job named `build` to run in the `jobs:` section of your configuration file.',
  "If you expected a workflow to run, check your config contains a top-level key called 'workflows:'",
].join('\n');

/** Throws a ConfigFault with the faults of all workflows. */
export function assemble(compilation: Compilation, root: MappingNode, namespace: Namespace): Assembled {
  const declared = declaredWorkflows(root, namespace);
  const scope: Scope = { namespace, calls: [] };
  const groups: JobGroups = compilation.templates ? readJobGroups(root) : new Map();
  const faults = new FaultList();
  const expanded: ExpandedWorkflow[] = [];
  for (const [name, node] of declared) {
    const result = faults.collect(() =>
      calling(
        'workflow',
        name,
        () => expandWorkflow(compilation, { ...scope, via: callOf(name, node) }, groups, name, node),
        node,
      ),
    );
    if (result) expanded.push(result);
  }
  faults.throwIfAny();
  if (compilation.templates && setupOf(root) && expanded.length > 1) {
    throw fault('Max number of workflows exceeded.', expanded[1]?.node);
  }
  checkContexts(
    expanded.flatMap(({ invocations }) => invocations.flatMap(({ kept }) => kept.get('context') ?? [])),
  );
  compilation.notRun.push(...unusedJobs(declared, groups, namespace));
  return print(expanded, root, faults);
}

function callOf(name: string, at: ConfigNode): CallSite {
  return { kind: 'workflow', name, at };
}

/** Jobs that no workflow names, not even one that is not created or by a job group. */
function unusedJobs(
  declared: readonly [string, ConfigNode][],
  groups: JobGroups,
  { jobs }: Namespace,
): NotRun[] {
  const named = (list: readonly ConfigNode[]): Set<string | undefined> =>
    new Set(list.flatMap(jobsOf).map((entry) => textOf(entry) ?? [...entriesOf(entry).keys()][0]));
  const used = named(declared.map(([, node]) => node));
  const usedGroups = [...groups].flatMap(([name, node]) => (used.has(name) ? [node] : []));
  for (const name of named(usedGroups)) used.add(name);
  for (const [name, definition] of jobs) {
    const alias = used.has(name) ? textOf(definition) : undefined;
    if (alias !== undefined) used.add(alias);
  }
  return [...jobs]
    .filter(([name]) => !used.has(name))
    .map(([job, definition]) => ({ job, reasons: [{ type: 'unused', ...withPlace(definition) }] }));
}

function jobsOf(node: ConfigNode): readonly ConfigNode[] {
  const list = entriesOf(node).get('jobs');
  return list?.kind === 'sequence' ? list.items : [];
}

export function setupOf(root: MappingNode): boolean {
  const setup = root.entries.get('setup');
  return setup?.kind === 'scalar' && setup.value === true;
}

/** Without `workflows` the job `build` runs in a workflow of its own (LANGUAGE C-006, C-403). */
function declaredWorkflows(root: MappingNode, namespace: Namespace): [string, ConfigNode][] {
  const workflows = root.entries.get('workflows');
  if (workflows && !isNull(workflows)) {
    return [...entriesOf(workflows)].filter(([name, node]) => name !== 'version' || node.kind === 'mapping');
  }
  if (!namespace.jobs.has('build')) throw fault(NO_BUILD_JOB, root.entries.get('jobs') ?? root);
  return [['workflow', mapping([['jobs', sequence([scalar('build')])]])]];
}

function expandWorkflow(
  compilation: Compilation,
  scope: Scope,
  groups: JobGroups,
  name: string,
  node: ConfigNode,
): ExpandedWorkflow | undefined {
  if (node.kind !== 'mapping') {
    throw fault(`[${node.pointer ?? '#'}] expected type: Mapping, found: another type`, node);
  }
  const why = compilation.templates ? whyNotCreated(compilation, scope, node) : undefined;
  if (why) {
    compilation.notRun.push({ workflow: name, reasons: [why] });
    return undefined;
  }
  const faults = new FaultList();
  const invocations: ExpandedWorkflow['invocations'] = [];
  for (const invocation of readEntries(compilation, scope, groups, jobsOf(node), faults)) {
    faults.collect(() => invocations.push(expandInvocation(compilation, scope, invocation)));
  }
  faults.throwIfAny();
  return { name, node, invocations };
}

function expandInvocation(
  compilation: Compilation,
  scope: Scope,
  invocation: Invocation,
): ExpandedWorkflow['invocations'][number] {
  const { definition } = invocation;
  if (definition) return { ...invocation, body: definition, bodyText: JSON.stringify(toPlain(definition)) };
  if (invocation.type === 'approval') return invocation;
  if (invocation.type !== undefined && compilation.templates)
    throw fault(onlyApprovals(invocation.type), invocation.call.at);
  const job = findJob(scope.namespace, invocation);
  if (textOf(job.definition.entries.get('type')) === 'approval') {
    const kept = new Map([['type', scalar('approval', invocation.call.at)], ...invocation.kept]);
    return { ...invocation, type: 'approval', kept };
  }
  const { call } = invocation;
  const body = calling('job', invocation.job, () => expandJob(compilation, job, call), call.at);
  const plain = toPlain(body);
  const bodyText = JSON.stringify(plain);
  compilation.budget.take('compiledLength', bodyText.length, 'characters when it is compiled', call.at);
  return { ...invocation, body, plain, bodyText };
}

const onlyApprovals = (type: string): string =>
  `Only jobs with \`type: approval\` can be defined inline under the \`workflows:\`/\`job-groups:\` section. For \`type: ${type}\`, define the job in the \`jobs:\` section instead.`;

/** A job of an orb goes before the config's own where the orb has it; the orb itself must be there (C-308). */
function findJob(namespace: Namespace, { job, overrideWith, call }: Invocation): Element {
  const override = overrideWith === undefined ? undefined : findElement(namespace, 'job', overrideWith);
  if (override) return override;
  if (overrideWith !== undefined && missingOrb(namespace, overrideWith) !== undefined) {
    throw missingElement(namespace, 'job', overrideWith, call.at);
  }
  const found = findElement(namespace, 'job', job);
  if (!found) throw missingElement(namespace, 'job', job, call.at);
  return found;
}

function print(expanded: readonly ExpandedWorkflow[], root: MappingNode, faults: FaultList): Assembled {
  const names = finalNames(
    expanded.flatMap(({ invocations }, workflow) =>
      invocations.map(({ name, bodyText }) => ({ workflow, name, body: bodyText })),
    ),
  );
  const bodies = new Map<string, MappingNode>();
  const plainJobs = new Map<ConfigNode, PlainValue>();
  const workflows = mapping([], {}, keyPlaces(root.entries.get('workflows')));
  const declared = entriesOf(root.entries.get('workflows'));
  // `version` is printed whether the source had it or not (C-392), in the source's place when it stands first, and
  // before the implicit workflow.
  const printsVersion = declared.get('version')?.kind !== 'mapping';
  const first = [...declared.keys()][0] ?? 'version';
  if (printsVersion && first === 'version') workflows.entries.set('version', scalar(2));
  let next = 0;
  for (const { name, node, invocations } of expanded) {
    const named = invocations.map((invocation) => ({ ...invocation, finalName: names[next++]! }));
    for (const { finalName, body, plain } of named) {
      if (!body || bodies.has(finalName)) continue;
      bodies.set(finalName, body);
      if (plain !== undefined) plainJobs.set(body, plain);
    }
    // These faults name the workflow themselves, and so have no line that does (C-014).
    faults.collect(() => {
      const requires = resolveRequires(name, named);
      const entries = named.map((invocation, index) => printEntry(invocation, requires[index] ?? []));
      workflows.entries.set(name, printWorkflow(node, entries));
    });
  }
  faults.throwIfAny();
  if (printsVersion) workflows.entries.set('version', scalar(2));
  const jobs = mapping(printedOrder([...bodies.keys()]).map((name) => [name, bodies.get(name)!] as const));
  return { jobs, workflows, plainJobs };
}

function keyPlaces(node: ConfigNode | undefined): Map<string, Place> | undefined {
  return node?.kind === 'mapping' ? node.keys : undefined;
}

function printWorkflow(node: MappingNode, entries: ConfigNode[]): MappingNode {
  const result = mapping([], node, node.keys);
  for (const [key, value] of node.entries) {
    if (key === 'jobs') result.entries.set(key, sequence(entries, value));
    else if (!NOT_PRINTED.has(key)) result.entries.set(key, value);
  }
  if (!result.entries.has('jobs')) result.entries.set('jobs', sequence(entries, node));
  return result;
}

/** Keys in the order type, filters, requires, context (C-397); an entry without any is the bare name. */
function printEntry(
  { kept, call, finalName, keys }: Invocation & { finalName: string },
  requires: ConfigNode[],
): ConfigNode {
  const options = mapping([], call.at, new Map(keys));
  for (const key of ['type', 'filters', 'requires', 'context']) {
    const value = key === 'requires' && requires.length > 0 ? sequence(requires, call.at) : kept.get(key);
    if (value) options.entries.set(key, value);
  }
  if (options.entries.size === 0) return scalar(finalName, call.at);
  return mapping([[finalName, options]], call.at);
}
