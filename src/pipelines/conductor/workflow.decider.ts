// The conductor's rules: which job may run when, what can no longer run and why, when a workflow has ended.
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { nothing, type Decider, type Decision } from '../../platform/event-store/decider.js';
import type { JobOutcome, Requirement } from '../config/index.js';
import { guardsHeldLock, isStillUsed, releases, ticketOf } from './workflow-locks.js';
import type { WorkflowJobState, WorkflowState } from './workflow.state.js';

export type { WorkflowJobState, WorkflowState } from './workflow.state.js';
import {
  workflowEvents,
  type EndReason,
  type JobEndStatus,
  type WorkflowEvent,
  type WorkflowFacts,
  type WorkflowJob,
  type WorkflowStatus,
} from './workflow.events.js';

export type WorkflowCommand =
  | ({ type: 'CreateWorkflow' } & WorkflowFacts)
  | { type: 'ReportJobEnd'; workflowId: string; jobId: string; status: JobEndStatus; reason?: string }
  | { type: 'ApproveJob'; workflowId: string; jobId: string; approvedBy: string }
  | { type: 'CancelWorkflow'; workflowId: string; canceledBy: string }
  | { type: 'CancelWorkflowJob'; workflowId: string; jobId: string; canceledBy: string };

/** What `requires` sees of an end: a job that broke or ran too long counts as failed (LANGUAGE C-284). */
export function outcomeOf(status: JobEndStatus): JobOutcome {
  return status === 'infrastructure_fail' || status === 'timedout' ? 'failed' : status;
}

export const workflowDecider: Decider<WorkflowCommand, WorkflowState, WorkflowEvent> = {
  events: workflowEvents,
  initialState: () => ({ jobs: new Map(), canceled: false, status: 'running', ended: false }),

  decide(command, state) {
    if (command.type === 'CreateWorkflow') {
      if (state.facts) return nothing('the workflow exists');
      const { type: _, ...facts } = command;
      checkGraph(facts.jobs);
      return settle(state, [event<WorkflowEvent>('WorkflowCreated', facts)]);
    }
    if (!state.facts) throw new NotFoundError('WORKFLOW.NOT_FOUND', 'Workflow not found');
    if (state.ended) return endedAlready(command);
    switch (command.type) {
      case 'ReportJobEnd':
        return reportJobEnd(command, state);
      case 'ApproveJob':
        return approveJob(command, state);
      case 'CancelWorkflow':
        return state.canceled ? nothing('already canceled') : settle(state, cancelWorkflow(command, state));
      case 'CancelWorkflowJob':
        return settle(state, cancelJob(jobOf(state, command.jobId), command.workflowId, command.canceledBy));
    }
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'WorkflowCreated':
        return { ...state, facts: data, jobs: new Map(data.jobs.map((job) => [job.id, startOf(job)])) };
      case 'WorkflowJobReady':
        return withJob(state, data.jobId, { phase: 'ready' });
      case 'WorkflowLockRequested':
        return withJob(state, data.jobId, { phase: 'queued', ticket: data.ticket });
      case 'WorkflowLockReleased':
        return withJob(state, data.jobId, { ticket: undefined });
      case 'ApprovalRequested':
        return withJob(state, data.jobId, { phase: 'on_hold' });
      case 'ApprovalGiven':
        return state;
      case 'WorkflowJobCancelRequested':
        return withJob(state, data.jobId, { cancelRequested: true });
      case 'WorkflowJobEnded':
        return withJob(state, data.jobId, { phase: 'ended', status: data.status });
      case 'WorkflowCanceled':
        return { ...state, canceled: true };
      case 'WorkflowStatusChanged':
        return { ...state, status: data.status };
      case 'WorkflowEnded':
        return { ...state, status: data.status, ended: true };
    }
  },
};

function startOf(job: WorkflowJob): WorkflowJobState {
  return job.carriedOver
    ? { ...job, phase: 'ended', status: 'success', cancelRequested: false }
    : { ...job, phase: 'waiting', cancelRequested: false };
}

function withJob(state: WorkflowState, jobId: string, change: Partial<WorkflowJobState>): WorkflowState {
  const job = state.jobs.get(jobId);
  return job ? { ...state, jobs: new Map(state.jobs).set(jobId, { ...job, ...change }) } : state;
}

function endedAlready(command: WorkflowCommand): Decision<WorkflowEvent> {
  if (command.type === 'ApproveJob')
    throw new ConflictError('WORKFLOW.ENDED', 'Workflow is already finished');
  return nothing('the workflow has ended');
}

function jobOf(state: WorkflowState, jobId: string): WorkflowJobState {
  const job = state.jobs.get(jobId);
  if (!job) throw new NotFoundError('JOB.NOT_FOUND', 'Job not found');
  return job;
}

function reportJobEnd(command: Extract<WorkflowCommand, { type: 'ReportJobEnd' }>, state: WorkflowState) {
  const { workflowId, jobId, status, reason } = command;
  const job = jobOf(state, jobId);
  if (job.phase === 'ended') return nothing('the end of the job is known');
  const end = { workflowId, jobId, name: job.name, status, ...(reason !== undefined && { reason }) };
  return settle(state, [event<WorkflowEvent>('WorkflowJobEnded', end)]);
}

function approveJob(command: Extract<WorkflowCommand, { type: 'ApproveJob' }>, state: WorkflowState) {
  const { workflowId, jobId, approvedBy } = command;
  const job = jobOf(state, jobId);
  if (job.type !== 'approval')
    throw new InvalidInputError('JOB.NOT_APPROVAL', `job ${job.name} is not an approval job`);
  if (job.phase === 'ended') return nothing('already approved or canceled');
  if (job.phase !== 'on_hold')
    throw new ConflictError('JOB.NOT_ON_HOLD', `job ${job.name} is not waiting for approval yet`);
  return settle(state, [
    event<WorkflowEvent>('ApprovalGiven', { workflowId, jobId, name: job.name, approvedBy }),
    event<WorkflowEvent>('WorkflowJobEnded', { workflowId, jobId, name: job.name, status: 'success' }),
  ]);
}

function cancelWorkflow(
  command: Extract<WorkflowCommand, { type: 'CancelWorkflow' }>,
  state: WorkflowState,
): WorkflowEvent[] {
  const { workflowId, canceledBy } = command;
  return [
    event<WorkflowEvent>('WorkflowCanceled', { workflowId, canceledBy }),
    ...[...state.jobs.values()]
      .filter((job) => !guardsHeldLock(job, state))
      .flatMap((job) => cancelJob(job, workflowId, canceledBy)),
  ];
}

/** A job that may be running is asked to stop and ends when it has; any other ends at once. */
function cancelJob(job: WorkflowJobState, workflowId: string, canceledBy: string): WorkflowEvent[] {
  if (job.phase === 'ended' || job.cancelRequested) return [];
  const ref = { workflowId, jobId: job.id, name: job.name };
  return job.phase === 'ready'
    ? [event<WorkflowEvent>('WorkflowJobCancelRequested', { ...ref, canceledBy })]
    : [
        event<WorkflowEvent>('WorkflowJobEnded', {
          ...ref,
          status: 'canceled',
          reason: `canceled by ${canceledBy}`,
          why: [{ type: 'canceled', by: canceledBy }],
        }),
      ];
}

/** Adds to `first` all that follows from it: jobs that became ready or impossible, the status, the end. */
function settle(state: WorkflowState, first: WorkflowEvent[]): Decision<WorkflowEvent> {
  if (first.length === 0) return nothing('already so');
  const events: WorkflowEvent[] = [];
  let now = state;
  const add = (next: WorkflowEvent): void => {
    events.push(next);
    now = workflowDecider.evolve(now, next);
  };
  first.forEach(add);
  for (let moved = true; moved;) {
    moved = false;
    for (const job of [...now.jobs.values()]) {
      if (job.phase !== 'waiting') continue;
      const next = nextStep(job, now);
      if (next) {
        add(next);
        moved = true;
      }
    }
  }
  for (const release of releases(now)) add(release);
  const status = statusOf(now);
  const { workflowId, pipelineId, projectId } = now.facts!;
  if ([...now.jobs.values()].every((job) => job.phase === 'ended')) {
    add(event<WorkflowEvent>('WorkflowEnded', { workflowId, pipelineId, projectId, status }));
  } else if (status !== now.status) {
    add(event<WorkflowEvent>('WorkflowStatusChanged', { workflowId, status }));
  }
  return { events };
}

const NO_RELEASES = 'a release job needs a release agent, and this server knows none';

function nextStep(job: WorkflowJobState, state: WorkflowState): WorkflowEvent | undefined {
  const { workflowId, pipelineId, projectId, workspaceId, name: workflowName } = state.facts!;
  const { phase, failedTestsOf } = state.facts!;
  const ref = { workflowId, jobId: job.id, name: job.name };
  const verdict = judge(job.requires, state);
  if (verdict === 'wait') return undefined;
  if (verdict !== 'go')
    return event<WorkflowEvent>('WorkflowJobEnded', { ...ref, status: 'not_run', ...verdict });
  switch (job.type) {
    case 'build':
      return event<WorkflowEvent>('WorkflowJobReady', {
        ...ref,
        workflowName,
        pipelineId,
        projectId,
        workspaceId,
        ...(phase && { phase }),
        ...(failedTestsOf !== undefined && { failedTestsOf }),
      });
    case 'approval':
      return event<WorkflowEvent>('ApprovalRequested', ref);
    case 'lock':
      return event<WorkflowEvent>('WorkflowLockRequested', { ...ref, ticket: ticketOf(job, state.facts!) });
    case 'unlock':
      if (isStillUsed(job, state)) return undefined;
      return event<WorkflowEvent>('WorkflowJobEnded', { ...ref, status: 'success' });
    case 'no-op':
      return event<WorkflowEvent>('WorkflowJobEnded', { ...ref, status: 'success' });
    case 'release':
      return event<WorkflowEvent>('WorkflowJobEnded', { ...ref, status: 'failed', reason: NO_RELEASES });
  }
}

/** Whether requirements are met, still open, or cannot be met any more and why (LANGUAGE C-284, C-289). */
function judge(
  requires: readonly Requirement[],
  state: WorkflowState,
): 'go' | 'wait' | { reason: string; why: EndReason[] } {
  const byName = new Map([...state.jobs.values()].map((job) => [job.name, job]));
  let open = false;
  for (const requirement of requires) {
    const job = byName.get(requirement.job);
    if (!job?.status) {
      open = true;
      continue;
    }
    if (!requirement.statuses.includes(outcomeOf(job.status))) {
      return {
        reason: `requires ${job.name}: ${requirement.statuses.join(' or ')}, but it ended ${job.status}`,
        why: [{ type: 'requirement', ...requirement, status: job.status }],
      };
    }
  }
  return open ? 'wait' : 'go';
}

/** LANGUAGE C-318 to C-320. */
function statusOf(state: WorkflowState): WorkflowStatus {
  const jobs = [...state.jobs.values()];
  const open = jobs.filter((job) => job.phase !== 'ended');
  const has = (...statuses: JobEndStatus[]): boolean =>
    jobs.some((job) => job.status && statuses.includes(job.status));
  const failed = has('failed', 'infrastructure_fail', 'timedout');
  if (open.length === 0) {
    if (state.canceled) return 'canceled';
    if (failed) return 'failed';
    if (has('unauthorized')) return 'unauthorized';
    return has('canceled') ? 'canceled' : 'success';
  }
  if (failed) return 'failing';
  const active = open.some((job) => job.phase === 'ready');
  return !active && open.some((job) => job.phase === 'on_hold') ? 'on_hold' : 'running';
}

/** The graph must be closed and free of cycles; the compiler has checked it, this keeps a wrong caller out. */
function checkGraph(jobs: readonly WorkflowJob[]): void {
  const names = new Set(jobs.map((job) => job.name));
  if (names.size !== jobs.length)
    throw new InvalidInputError('WORKFLOW.NAMES', 'two jobs of the workflow have one name');
  for (const job of jobs) {
    for (const { job: required } of job.requires) {
      if (!names.has(required))
        throw new InvalidInputError(
          'WORKFLOW.REQUIRES',
          `job ${job.name} requires ${required}, which is not in the workflow`,
        );
    }
  }
  const done = new Set<string>();
  let left = [...jobs];
  while (left.length > 0) {
    const free = left.filter((job) => job.requires.every((r) => done.has(r.job)));
    if (free.length === 0) {
      throw new InvalidInputError(
        'WORKFLOW.CYCLE',
        `the jobs ${left.map((job) => job.name).join(', ')} require each other`,
      );
    }
    free.forEach((job) => done.add(job.name));
    left = left.filter((job) => !done.has(job.name));
  }
}
