// `requires` of a workflow's jobs: read, resolved to the final names, checked for what cannot be met (C-284 to C-287).
import { fault, FaultList, problemAt, type Place } from '../problems/fault.js';
import { didYouMean } from '../problems/suggest.js';
import { isNull, mapping, scalar, textOf, type ConfigNode } from '../yaml/node.js';

export interface RequiresItem {
  name: string;
  /** As written: one status or a list of them; undefined means success. */
  statuses?: ConfigNode;
  at: Place;
}

/** What resolving needs to know of a job in the workflow. */
export interface RequiredJob {
  name: string;
  alias?: string;
  finalName: string;
  requires: readonly RequiresItem[];
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
  const byName = groupBy(jobs, (job) => job.name);
  const byAlias = groupBy(jobs, (job) => job.alias);
  const edges = new Map<string, string[]>();
  const resolved = jobs.map((job) =>
    job.requires.flatMap((item) => {
      const others = (byName.get(item.name) ?? []).filter((other) => other !== job);
      const matrix = (byAlias.get(item.name) ?? []).filter((other) => other !== job);
      const found = others.length === 1 || matrix.length === 0 ? others : matrix;
      if (found.length === 0 || (found === others && found.length > 1)) {
        const message = `Job '${job.name}' requires '${item.name}', which is the name of ${found.length} other jobs in workflow '${workflow}'`;
        const hint = didYouMean(item.name, [...byName.keys(), ...byAlias.keys()]);
        faults.add(problemAt(message, item.at, found.length === 0 ? hint : undefined));
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

function groupBy(
  jobs: readonly RequiredJob[],
  key: (job: RequiredJob) => string | undefined,
): Map<string, RequiredJob[]> {
  const groups = new Map<string, RequiredJob[]>();
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
