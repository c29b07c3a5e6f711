// Whose containers are whose: what an agent writes on everything it makes, and what it may conclude from that later.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { readEntry } from '../../../../platform/process/index.js';

export const TASK_LABEL = 'rotunda.task';
export const AGENT_LABEL = 'rotunda.agent';
/** The process that made it: `place pid start`, see {@link Owner}. */
export const OWNER_LABEL = 'rotunda.owner';
/** Seconds since the epoch after which its task cannot run any more. */
export const UNTIL_LABEL = 'rotunda.until';

/** After the longest run of a task, the agent has so many seconds to remove what it made itself. */
const MARGIN_SECONDS = 3600;
/** What stands still counts as left behind after so many seconds only: it may be about to be started. */
const STILL_SECONDS = 600;

/** A process, told from all others: of other machines, other pid namespaces, before a reboot, with the same number. */
export interface Owner {
  /** Start of the machine and pid namespace: processes with the same place can see each other. */
  place: string;
  pid: number;
  /** What a later process with the same number does not have. */
  startedAt: string;
}

/** This process. */
export function thisOwner(): Owner {
  return { place: placeOf(), pid: process.pid, startedAt: startOf(process.pid) ?? '' };
}

export function ownerText({ place, pid, startedAt }: Owner): string {
  return `${place} ${pid} ${startedAt}`;
}

/** The labels of everything that a task is given. `maxRunSeconds` is the longest run of the task, where it is known. */
export function labelsOf(
  made: { taskId: string; agent: string; owner: Owner; maxRunSeconds?: number },
  nowSeconds: number,
): Record<string, string> {
  return {
    [TASK_LABEL]: made.taskId,
    [AGENT_LABEL]: made.agent,
    [OWNER_LABEL]: ownerText(made.owner),
    ...(made.maxRunSeconds !== undefined && {
      [UNTIL_LABEL]: String(Math.ceil(nowSeconds + made.maxRunSeconds + MARGIN_SECONDS)),
    }),
  };
}

export interface Found {
  labels: Readonly<Record<string, string>>;
  /** A container of the same task runs. */
  running: boolean;
  /** Seconds since the epoch. */
  createdAt: number;
}

export interface Sweeper {
  agent: string;
  owner: Owner;
  /** Tasks of this agent that run. */
  alive: { has(taskId: string): boolean };
  nowSeconds: number;
  /** What tells the process with this number from a later one; undefined when there is none. Only asked of the same place. */
  startOf(pid: number): string | undefined;
}

/**
 * Whether something with a task's label is left behind for sure, and so may be removed by this agent: made by this
 * agent for a task that it does not run; or by a process of this machine that has gone; or for a task whose time
 * is over. What was made before a reboot or in another pid namespace under the same agent's name is so only when it stands
 * still for ten minutes. Everything else may belong to an agent that lives, and is left alone.
 */
export function isLeftBehind({ labels, running, createdAt }: Found, sweeper: Sweeper): boolean {
  const taskId = labels[TASK_LABEL];
  if (taskId === undefined) return false;
  if (labels[AGENT_LABEL] === sweeper.agent && sweeper.alive.has(taskId)) return false;
  const until = Number(labels[UNTIL_LABEL] ?? Infinity);
  if (sweeper.nowSeconds > until) return true;
  const [place, number, startedAt = ''] = (labels[OWNER_LABEL] ?? '').split(' ');
  if (place !== sweeper.owner.place) {
    const still = !running && sweeper.nowSeconds - createdAt > STILL_SECONDS;
    return labels[AGENT_LABEL] === sweeper.agent && still;
  }
  const pid = Number(number);
  if (pid === sweeper.owner.pid && startedAt === sweeper.owner.startedAt)
    return labels[AGENT_LABEL] === sweeper.agent;
  return sweeper.startOf(pid) !== startedAt;
}

/** When a process of this machine started, in its system's own form; undefined when there is none with this number. */
export function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const entry = readEntry(pid);
    return entry && String(entry.startedAt);
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '' : undefined;
  }
}

function placeOf(): string {
  const read = (what: () => string): string => {
    try {
      return what().trim();
    } catch {
      return '';
    }
  };
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'));
  return `${boot || hostname()}/${namespace}`;
}
