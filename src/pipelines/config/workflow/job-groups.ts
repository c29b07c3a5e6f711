// Job groups: jobs that a workflow uses as if they were one (LANGUAGE C-310).
import type { Compilation, Scope } from '../expand/scope.js';
import { fault, FaultList, problemAt } from '../problems/fault.js';
import { entriesOf, isNull, type ConfigNode, type MappingNode } from '../yaml/node.js';
import { jobAndOptions, readEntry, RESERVED, type Invocation } from './entry.js';
import { finder, type JobGroupScope } from './requires.js';
import { addedJob, lockKey, requirementOf, unlocking, withLock } from './serial-group.js';

/** The definitions by name. */
export type JobGroups = ReadonlyMap<string, ConfigNode>;

/** Throws a ConfigFault for a name that a job has as well. */
export function readJobGroups(root: MappingNode): JobGroups {
  const groups = entriesOf(root.entries.get('job-groups'));
  const jobs = entriesOf(root.entries.get('jobs'));
  const faults = new FaultList();
  for (const [name, node] of groups) {
    if (jobs.has(name))
      faults.add(problemAt(`The name '${name}' is used for a job and for a job group`, node));
  }
  faults.throwIfAny();
  return groups;
}

/** All invocations that a workflow's list of jobs stands for; faults go into `faults`. */
export function readEntries(
  compilation: Compilation,
  scope: Scope,
  groups: JobGroups,
  list: readonly ConfigNode[],
  faults: FaultList,
): Invocation[] {
  faults.collect(() => checkNames(groups, list));
  return list.flatMap(
    (entry) =>
      faults.collect(() => {
        const { job } = jobAndOptions(entry);
        return groups.has(job)
          ? expandGroup(compilation, scope, groups, entry)
          : readEntry(compilation, scope, entry).flatMap(withLock);
      }) ?? [],
  );
}

/** A group that is used more than once has another name each time. */
function checkNames(groups: JobGroups, list: readonly ConfigNode[]): void {
  const uses = new Map<string, { name?: unknown; at: ConfigNode }[]>();
  for (const at of list) {
    if (at.kind !== 'mapping' && at.kind !== 'scalar') continue;
    const { job, options } = jobAndOptions(at);
    const name = options?.entries.get('name');
    const use = { at, ...(name?.kind === 'scalar' && { name: name.value }) };
    if (groups.has(job)) uses.set(job, [...(uses.get(job) ?? []), use]);
  }
  const faults = new FaultList();
  for (const [group, all] of uses) {
    if (all.length < 2) continue;
    const seen = new Set<unknown>();
    for (const { name, at } of all) {
      if (name === undefined || name === null || name === group) {
        const text = `Job group "${group}" is invoked multiple times without a "name" attribute. Each invocation must have a unique name`;
        faults.add(problemAt(text, at));
      } else if (seen.has(name)) {
        faults.add(problemAt(`Job group "${group}" is already invoked with the name "${String(name)}"`, at));
      }
      seen.add(name);
    }
  }
  faults.throwIfAny();
}

/** The group's jobs between two that bind it together, and those between a lock and its release where one is asked for. */
function expandGroup(
  compilation: Compilation,
  scope: Scope,
  groups: JobGroups,
  entry: ConfigNode,
): Invocation[] {
  const { job: group, options } = jobAndOptions(entry);
  checkOptions(options);
  const [use] = readEntry(compilation, scope, entry);
  if (!use) return [];
  const serialGroup = use.kept.get('serial-group');
  const key = serialGroup && lockKey(serialGroup);
  const named = !isNull(options?.entries.get('name'));
  const start =
    key === undefined
      ? addedJob(use, `${use.name}-group-start`, [['type', 'no-op']], use.requires)
      : addedJob(
          use,
          `${use.name}-serial-start`,
          [
            ['type', 'lock'],
            ['key', key],
          ],
          use.requires,
        );
  const members = readMembers(compilation, scope, groups, group, named ? `${use.name}-` : '');
  const find = finder(members);
  const required = new Set(members.flatMap((job) => job.requires.flatMap((item) => find(job, item).found)));
  const inner = members.map((job) =>
    job.requires.length > 0 ? job : { ...job, requires: [requirementOf(start)] },
  );
  const leaves = members.filter((job) => !required.has(job));
  const end = {
    ...addedJob(
      use,
      `${use.name}-group-end`,
      [['type', 'no-op']],
      leaves.map((job) => requirementOf(job)),
    ),
    calledAs: use.name,
  };
  const unlock = key === undefined ? [] : [unlocking(use, `${use.name}-serial-end`, key, start, end)];
  return [start, ...inner, end, ...unlock];
}

const NOT_FOR_GROUPS = ['matrix', 'override-with', 'type', 'context', 'pre-steps', 'post-steps'];

function checkOptions(options: MappingNode | undefined): void {
  const faults = new FaultList();
  const given = entriesOf(options);
  for (const key of NOT_FOR_GROUPS.filter((option) => given.has(option))) {
    const use = key === 'matrix' ? `\`${key}\`` : `use of \`${key}\``;
    faults.add(problemAt(`Job group invocations do not support ${use}`, options!.keys.get(key) ?? options!));
  }
  const own = [...given.keys()].filter((key) => !RESERVED.has(key)).sort();
  if (own.length > 0) {
    const list = own.map((name) => `\`${name}\``).join(', ');
    const text = `Job group invocations do not support custom parameters, but found: ${list}`;
    faults.add(problemAt(text, options!.keys.get(own[0]!) ?? options!));
  }
  faults.throwIfAny();
}

type Member = Invocation & { id: symbol };

function readMembers(
  compilation: Compilation,
  scope: Scope,
  groups: JobGroups,
  group: string,
  prefix: string,
): Member[] {
  const list = entriesOf(groups.get(group)).get('jobs');
  const inside: JobGroupScope = { name: group };
  const faults = new FaultList();
  const members = (list?.kind === 'sequence' ? list.items : []).flatMap(
    (entry) =>
      faults.collect(() => {
        const { job, options } = jobAndOptions(entry);
        if (groups.has(job)) {
          const text = `Job group "${group}" cannot reference job group "${job}" -- nesting is not supported`;
          throw fault(text, entry);
        }
        if (options?.entries.has('serial-group')) {
          const text =
            'Use of `serial-group` on job invocations inside a job-group is not supported. Please consider using `serial-group` on the job-group instead.';
          throw fault(text, options.keys.get('serial-group') ?? entry);
        }
        return readEntry(compilation, scope, entry);
      }) ?? [],
  );
  faults.throwIfAny();
  return members.map((member) => ({
    ...member,
    name: `${prefix}${member.name}`,
    calledAs: member.name,
    id: Symbol(member.name),
    group: inside,
  }));
}
