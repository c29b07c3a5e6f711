// Finds and kills whole trees of processes, those included that left their group or lost their parent.
import { setTimeout as sleep } from 'node:timers/promises';
import { initialEnvironment, listProcesses, type ProcessEntry } from './process-list.js';

/** A process belongs to the tree when any of these selects it, or when its parent belongs. */
export interface TreeSelector {
  pids?: number[];
  /** Process group ids. */
  groups?: number[];
  /**
   * Selects by a variable of the initial environment. Children inherit it: it finds what was double-forked or made a
   * session of its own. Linux only.
   */
  variable?: { name: string; selects(value: string): boolean };
  /** The `startedAt` of the tree's oldest process: the variables of older ones are not looked at. */
  since?: string;
}

/** The live processes of the tree, without this process. */
export async function findTree(selector: TreeSelector): Promise<ProcessEntry[]> {
  const all = (await listProcesses()).filter((entry) => entry.pid !== process.pid);
  const members = new Set<number>();
  for (const { pid, group } of all) {
    if (selector.pids?.includes(pid) || selector.groups?.includes(group)) members.add(pid);
  }
  for (const pid of await withVariable(all, members, selector)) members.add(pid);
  for (let grew = members.size > 0; grew;) {
    grew = false;
    for (const { pid, parent } of all) {
      if (!members.has(pid) && members.has(parent)) {
        members.add(pid);
        grew = true;
      }
    }
  }
  return all.filter((entry) => members.has(entry.pid) && !entry.zombie);
}

/**
 * SIGTERM to the tree, and SIGKILL to what is left after `graceMs`, until nothing is left. Looks again each round, so
 * what is forked meanwhile is found. Resolves true when all are gone, false when some outlive SIGKILL by 5 s (they
 * hang in the kernel).
 */
export async function killTree(selector: TreeSelector, graceMs: number): Promise<boolean> {
  const start = Date.now();
  const known = new Map<number, string>();
  const told = new Set<number>();
  for (let pause = 5; ; pause = Math.min(pause * 2, 50)) {
    const found = await findTree({ ...selector, pids: [...(selector.pids ?? []), ...known.keys()] });
    // A number that now names another process is not ours.
    const alive = found.filter(({ pid, startedAt }) => (known.get(pid) ?? startedAt) === startedAt);
    if (alive.length === 0) return true;
    const elapsed = Date.now() - start;
    if (elapsed > graceMs + 5000) return false;
    for (const { pid, startedAt } of alive) {
      known.set(pid, startedAt);
      if (elapsed >= graceMs) send(pid, 'SIGKILL');
      else if (!told.has(pid)) send(pid, 'SIGTERM');
      told.add(pid);
    }
    await sleep(pause);
  }
}

/** Those of the processes that the selector's variable selects; `known` ones are not looked at. */
async function withVariable(
  all: ProcessEntry[],
  known: ReadonlySet<number>,
  { variable, since = '0' }: TreeSelector,
): Promise<number[]> {
  if (variable === undefined) return [];
  const found: number[] = [];
  let rest = all.filter(
    ({ pid, zombie, kernel, startedAt }) =>
      !known.has(pid) && !zombie && !kernel && Number(startedAt) >= Number(since),
  );
  for (let again = false; ; again = true) {
    const silent: ProcessEntry[] = [];
    for (const entry of rest) {
      const environment = initialEnvironment(entry.pid);
      if (environment?.length === 0) silent.push(entry);
      else if (environment && hasVariable(environment, variable)) found.push(entry.pid);
    }
    if (again || silent.length === 0) return found;
    // They were started without any variable, or are becoming another program at this very moment.
    await sleep(1);
    rest = silent;
  }
}

function hasVariable(environment: Buffer, { name, selects }: NonNullable<TreeSelector['variable']>): boolean {
  const start = `${name}=`;
  for (let at = environment.indexOf(start); at >= 0; at = environment.indexOf(start, at + 1)) {
    if (at > 0 && environment[at - 1] !== 0) continue;
    const end = environment.indexOf(0, at);
    if (selects(environment.toString('utf8', at + start.length, end < 0 ? environment.length : end)))
      return true;
  }
  return false;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile, or belongs to another user: the next round sees which.
  }
}
