// Finds and kills whole trees of processes, those included that left their group or lost their parent.
import { setTimeout as sleep } from 'node:timers/promises';
import { initialEnvironment, listProcesses, type ProcessEntry } from './process-list.js';

/** A process belongs to the tree when any of these selects it, or when its parent belongs. */
export interface TreeSelector {
  pids?: number[];
  /** Process group ids. */
  groups?: number[];
  /**
   * Selects by an entry `NAME=value` of the initial environment. Children inherit it: it finds what was double-forked
   * or made a session of its own. Linux only.
   */
  environment?: (entry: string) => boolean;
}

/** The live processes of the tree, without this process. */
export async function findTree(selector: TreeSelector): Promise<ProcessEntry[]> {
  const all = (await listProcesses()).filter((entry) => entry.pid !== process.pid);
  const members = new Set<number>();
  for (const { pid, group } of all) {
    if (selector.pids?.includes(pid) || selector.groups?.includes(group)) members.add(pid);
  }
  const { environment } = selector;
  if (environment) {
    const rest = all.filter((entry) => !members.has(entry.pid) && !entry.zombie);
    const found = await Promise.all(
      rest.map(async ({ pid }) => ((await initialEnvironment(pid)).some(environment) ? pid : undefined)),
    );
    for (const pid of found) if (pid !== undefined) members.add(pid);
  }
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

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile, or belongs to another user: the next round sees which.
  }
}
