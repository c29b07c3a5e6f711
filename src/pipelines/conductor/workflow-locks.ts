// Locks of serial groups inside a workflow: what a lock job asks for and when it is given back (LANGUAGE C-309).
import { InvalidInputError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import type { LockTicket, WorkflowEvent, WorkflowFacts, WorkflowJob } from './workflow.events.js';
import type { WorkflowJobState, WorkflowState } from './workflow.state.js';

/** The place that a lock job asks for. Throws InvalidInputError when the workflow was made without saying where. */
export function ticketOf(job: WorkflowJob, facts: WorkflowFacts): LockTicket {
  const { workflowId, projectId, pipelineId, queue } = facts;
  if (!queue || job.serialGroup === undefined) {
    throw new InvalidInputError('WORKFLOW.LOCK', `lock job ${job.name} has no serial group to wait in`);
  }
  return { ...queue, key: job.serialGroup, workflowId, jobId: job.id, projectId, pipelineId };
}

/** True for a job that gives back a lock which the workflow has: it runs even when the workflow is canceled. */
export function guardsHeldLock(job: WorkflowJobState, state: WorkflowState): boolean {
  if (job.type !== 'unlock' || job.phase === 'ended') return false;
  const jobs = [...state.jobs.values()];
  return jobs.some(
    (lock) => lock.ticket !== undefined && lock.status === 'success' && isUnlockedBy(lock, job, jobs),
  );
}

/**
 * True while something still runs under a lock that this unlock job gives back. What the job requires may have ended
 * before that: the end of a job group does not wait for its other jobs once one has failed or was canceled.
 */
export function isStillUsed(unlock: WorkflowJob, { jobs }: WorkflowState): boolean {
  const all = [...jobs.values()];
  const before = reachable(unlock.name, requirements(all));
  const locks = all.filter((job) => isUnlockedBy(job, unlock, all)).map(({ name }) => name);
  const behind = locks.map((lock) => reachable(lock, dependents(all)));
  return all.some(
    ({ name, phase }) => phase !== 'ended' && before.has(name) && behind.some((set) => set.has(name)),
  );
}

/** Locks that are of no more use: not got, given back by their unlock job, or still there when everything has ended. */
export function releases(state: WorkflowState): WorkflowEvent[] {
  const jobs = [...state.jobs.values()];
  const over = jobs.every((job) => job.phase === 'ended');
  const given = (lock: WorkflowJobState): boolean =>
    jobs.some((job) => job.type === 'unlock' && job.phase === 'ended' && isUnlockedBy(lock, job, jobs));
  return jobs
    .filter((job) => job.ticket !== undefined && job.phase === 'ended')
    .filter((lock) => over || lock.status !== 'success' || given(lock))
    .map((lock) =>
      event<WorkflowEvent>('WorkflowLockReleased', {
        workflowId: state.facts!.workflowId,
        jobId: lock.id,
        name: lock.name,
        ticket: lock.ticket!,
      }),
    );
}

/** An unlock job belongs to the locks that it requires; one that requires none, to every lock of its serial group. */
function isUnlockedBy(lock: WorkflowJob, unlock: WorkflowJob, jobs: readonly WorkflowJob[]): boolean {
  if (lock.type !== 'lock' || lock.serialGroup !== unlock.serialGroup) return false;
  const required = new Set(unlock.requires.map(({ job }) => job));
  const locks = jobs.filter((job) => job.type === 'lock' && required.has(job.name));
  return locks.length === 0 || required.has(lock.name);
}

/** The names of the locks that a job runs under: it comes after the lock, and the unlock job after it. */
export function locksAround(job: WorkflowJob, jobs: readonly WorkflowJob[]): string[] {
  if (!jobs.some(({ type }) => type === 'lock')) return [];
  const before = reachable(job.name, requirements(jobs));
  const after = reachable(job.name, dependents(jobs));
  const unlocks = jobs.filter(({ type, name }) => type === 'unlock' && after.has(name));
  return jobs
    .filter((lock) => before.has(lock.name) && unlocks.some((unlock) => isUnlockedBy(lock, unlock, jobs)))
    .map(({ name }) => name);
}

function requirements(jobs: readonly WorkflowJob[]): Map<string, string[]> {
  return new Map(jobs.map(({ name, requires }) => [name, requires.map(({ job }) => job)]));
}

function dependents(jobs: readonly WorkflowJob[]): Map<string, string[]> {
  const edges = new Map<string, string[]>();
  for (const { name, requires } of jobs) {
    for (const { job } of requires) edges.set(job, [...(edges.get(job) ?? []), name]);
  }
  return edges;
}

function reachable(from: string, edges: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set<string>();
  const open = [...(edges.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(edges.get(name) ?? []));
  }
  return seen;
}
