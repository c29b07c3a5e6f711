// `requires` of a workflow's jobs: read, resolved to the final names, checked for what cannot be met (C-284 to C-287).
import { fault, FaultList, problemAt, type Place } from '../problems/fault.js';
import { didYouMean } from '../problems/suggest.js';
import { isNull, mapping, scalar, textOf, type ConfigNode } from '../yaml/node.js';

export interface RequiresItem {
  name: string;
  /** As written: one status or a list of them; undefined means success. */
  statuses?: ConfigNode;
  at: Place;
  /** The identity of the job that is meant, where the compiler itself made the requirement. */
  to?: symbol;
}

/** What resolving needs to know of a job in the workflow. */
export interface RequiredJob {
  name: string;
  alias?: string;
  finalName: string;
  requires: readonly RequiresItem[];
  /** By which a requirement that the compiler made finds it. */
  id?: symbol;
  /** The name by which others require it; its own unless it is given. Null: it cannot be required by name. */
  calledAs?: string | null;
  /** The job group that its name and its requirements belong to; none for the workflow itself. */
  group?: JobGroupScope;
}

/** One use of a job group: names resolve inside it only. */
export interface JobGroupScope {
  /** The group's name, for messages. */
  name: string;
}

const STATUSES: readonly string[] = ['success', 'failed', 'canceled', 'unauthorized', 'not_run', 'terminal'];

/** Null counts as empty (C-380), one name as a list of it. Throws a ConfigFault for anything else than names and statuses. */
export function readRequires(node: ConfigNode | undefined): RequiresItem[] {
  if (!node || isNull(node)) return [];
  const items = node.kind === 'sequence' ? node.items : [node];
  return items.flatMap((item) => {
    if (item.kind === 'mapping') return [...item.entries].map(([name, value]) => withStatuses(name, value));
    if (item.kind === 'sequence') {
      throw fault(`[${item.pointer ?? '#'}] expected type: String, found: Sequence`, item);
    }
    return [{ name: String(item.value), at: item }];
  });
}

function withStatuses(name: string, value: ConfigNode): RequiresItem {
  if (isNull(value)) return { name, at: value };
  const list = value.kind === 'sequence' ? value.items : [value];
  for (const item of list) {
    const status = textOf(item);
    if (status === undefined || !STATUSES.includes(status)) {
      const known = STATUSES.map((candidate) => `  - ${candidate}`).join('\n');
      throw fault(`[${item.pointer ?? '#'}] Input not a valid enum value\nenum:\n${known}`, item);
    }
  }
  return { name, statuses: value, at: value };
}

/** Final names with statuses for each job, in order; a matrix stands for all its jobs (C-286). */
export function resolveRequires(workflow: string, jobs: readonly RequiredJob[]): ConfigNode[][] {
  const faults = new FaultList();
  const find = finder(jobs);
  const edges = new Map<string, string[]>();
  const resolved = jobs.map((job) =>
    job.requires.flatMap((item) => {
      const { found, ambiguous } = find(job, item);
      if (found.length === 0 || ambiguous) {
        const text = notFound(workflow, jobs, job, item, found.length);
        const hint = ambiguous ? undefined : didYouMean(item.name, callable(job, jobs));
        faults.add(problemAt(text, item.at, hint));
        return [];
      }
      edges.set(job.finalName, [...(edges.get(job.finalName) ?? []), ...found.map((f) => f.finalName)]);
      return found.map(({ finalName }) => printed(finalName, item));
    }),
  );
  faults.throwIfAny();
  checkReachable(jobs, edges);
  return resolved;
}

function printed(name: string, { statuses, at }: RequiresItem): ConfigNode {
  return statuses ? mapping([[name, statuses]], at) : scalar(name, at);
}

type Requirable = Omit<RequiredJob, 'finalName'>;
type Find<J> = (job: J, item: RequiresItem) => { found: J[]; ambiguous: boolean };

/** Looks up names among the other jobs of the same scope; one job of the name goes before a matrix of that alias. */
export function finder<J extends Requirable>(jobs: readonly J[]): Find<J> {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const byName = groupBy(jobs, (job) => (job.calledAs === null ? undefined : (job.calledAs ?? job.name)));
  const byAlias = groupBy(jobs, (job) => job.alias);
  return (job, item) => {
    const meant = item.to && byId.get(item.to);
    if (meant) return { found: [meant], ambiguous: false };
    const among = (map: Map<string, J[]>): J[] =>
      (map.get(item.name) ?? []).filter((other) => other !== job && other.group === job.group);
    const [others, matrix] = [among(byName), among(byAlias)];
    const found = others.length === 1 || matrix.length === 0 ? others : matrix;
    return { found, ambiguous: found === others && found.length > 1 };
  };
}

/** What a job can require by name. */
function callable(job: RequiredJob, jobs: readonly RequiredJob[]): string[] {
  return jobs
    .filter((other) => other !== job && other.group === job.group)
    .flatMap(({ name, calledAs, alias }) => [calledAs === null ? undefined : (calledAs ?? name), alias])
    .filter((name) => name !== undefined);
}

function notFound(
  workflow: string,
  jobs: readonly RequiredJob[],
  job: RequiredJob,
  { name }: RequiresItem,
  count: number,
): string {
  const elsewhere = count === 0 ? jobs.find((other) => other.group && other.calledAs === name) : undefined;
  if (elsewhere?.group && job.group === undefined) {
    return `"${name}" is defined inside job group "${elsewhere.group.name}", not directly in this workflow`;
  }
  if (job.group && count === 0) return `"${name}" is not a member of this job group`;
  return `Job '${job.name}' requires '${name}', which is the name of ${count} other jobs in workflow '${workflow}'`;
}

function groupBy<J>(jobs: readonly J[], key: (job: J) => string | undefined): Map<string, J[]> {
  const groups = new Map<string, J[]>();
  for (const job of jobs) {
    const name = key(job);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group) group.push(job);
    else groups.set(name, [job]);
  }
  return groups;
}

/** A job in a circle, or behind one, can never start. */
function checkReachable(jobs: readonly RequiredJob[], edges: ReadonlyMap<string, string[]>): void {
  const dependents = new Map<string, string[]>();
  const waiting = new Map<string, number>();
  for (const { finalName } of jobs) {
    const needed = edges.get(finalName) ?? [];
    waiting.set(finalName, needed.length);
    for (const name of needed) dependents.set(name, [...(dependents.get(name) ?? []), finalName]);
  }
  const ready = jobs.map((job) => job.finalName).filter((name) => waiting.get(name) === 0);
  const roots = ready.length;
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    waiting.delete(name);
    for (const dependent of dependents.get(name) ?? []) {
      const left = waiting.get(dependent)! - 1;
      waiting.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  if (waiting.size === 0) return;
  const names = [...waiting.keys()];
  const lines = roots === 0 ? ['At least one job in the workflow must have no dependencies.'] : [];
  lines.push(`The following jobs are unreachable: ${names.join(', ')}`);
  const first = jobs.find((job) => job.finalName === names[0]);
  throw fault(lines.join('\n'), first?.requires[0]?.at);
}
