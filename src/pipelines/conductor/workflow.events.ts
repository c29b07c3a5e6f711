// Facts about a workflow: its graph, what became ready, how each job ended.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';
import type { NotRunReason, PlannedJobType, Requirement } from '../config/index.js';

/** How a job ended, as the API spells it (LANGUAGE C-321). */
export type JobEndStatus =
  'success' | 'failed' | 'canceled' | 'unauthorized' | 'not_run' | 'infrastructure_fail' | 'timedout';

export type WorkflowStatus =
  'running' | 'failing' | 'on_hold' | 'success' | 'failed' | 'canceled' | 'unauthorized';

export interface WorkflowJob {
  id: string;
  name: string;
  type: PlannedJobType;
  requires: Requirement[];
  /** The key of the serial group, for jobs of the types `lock` and `unlock`. */
  serialGroup?: string;
  /** Set in a rerun from failed: this job succeeded in the original and is not run again. */
  carriedOver?: boolean;
}

export interface WorkflowFacts {
  workflowId: string;
  pipelineId: string;
  projectId: string;
  name: string;
  jobs: WorkflowJob[];
  startedBy: string;
  /** The first workflow of a chain of reruns: layers are shared along it (LANGUAGE C-279). */
  workspaceId: string;
  rerunOf?: string;
  /** Set when its jobs run only the tests that failed in this workflow (LANGUAGE C-329). */
  failedTestsOf?: string;
  /** Set for the workflow of a setup config: its jobs may continue the pipeline. */
  phase?: 'setup';
  /** How often it is run again from its failed jobs by itself, and the number of such a run, from 1 (C-312). */
  maxAutoReruns?: number;
  autoRerunNumber?: number;
  /** Where serial groups are shared and who goes first in them; set when the workflow has a lock. */
  queue?: { organization: string; pipelineNumber: number };
}

/** A job's place in a serial group. */
export interface LockTicket {
  organization: string;
  /** The key of the serial group. */
  key: string;
  workflowId: string;
  /** The lock job. */
  jobId: string;
  projectId: string;
  pipelineId: string;
  pipelineNumber: number;
}

/** Why a job of a workflow did not run: a requirement, or whoever canceled it. */
export type EndReason = Extract<NotRunReason, { type: 'requirement' }> | { type: 'canceled'; by: string };

type JobRef = { workflowId: string; jobId: string; name: string };

export type WorkflowCreated = EventOf<'WorkflowCreated', WorkflowFacts>;
/** Its requirements are met: it can be queued. */
export type WorkflowJobReady = EventOf<
  'WorkflowJobReady',
  JobRef & {
    workflowName: string;
    pipelineId: string;
    projectId: string;
    workspaceId: string;
    phase?: 'setup';
    failedTestsOf?: string;
  }
>;
/** A lock job may run: it waits for its turn in the serial group. */
export type WorkflowLockRequested = EventOf<
  'WorkflowLockRequested',
  { workflowId: string; jobId: string; name: string; ticket: LockTicket }
>;
/** The workflow has no more need of the lock, whether it had it or still waited for it. */
export type WorkflowLockReleased = EventOf<
  'WorkflowLockReleased',
  { workflowId: string; jobId: string; name: string; ticket: LockTicket }
>;
export type ApprovalRequested = EventOf<'ApprovalRequested', JobRef>;
export type ApprovalGiven = EventOf<'ApprovalGiven', JobRef & { approvedBy: string }>;
/** `reason` says in words why a job did not run, `why` as data; events of early releases have only words. */
export type WorkflowJobEnded = EventOf<
  'WorkflowJobEnded',
  JobRef & { status: JobEndStatus; reason?: string; why?: EndReason[] }
>;
/** A job that was ready is to be stopped. */
export type WorkflowJobCancelRequested = EventOf<
  'WorkflowJobCancelRequested',
  JobRef & { canceledBy: string }
>;
export type WorkflowCanceled = EventOf<'WorkflowCanceled', { workflowId: string; canceledBy: string }>;
export type WorkflowStatusChanged = EventOf<
  'WorkflowStatusChanged',
  { workflowId: string; status: WorkflowStatus }
>;
export type WorkflowEnded = EventOf<
  'WorkflowEnded',
  { workflowId: string; pipelineId: string; projectId: string; status: WorkflowStatus }
>;

export type WorkflowEvent =
  | WorkflowCreated
  | WorkflowJobReady
  | WorkflowLockRequested
  | WorkflowLockReleased
  | ApprovalRequested
  | ApprovalGiven
  | WorkflowJobEnded
  | WorkflowJobCancelRequested
  | WorkflowCanceled
  | WorkflowStatusChanged
  | WorkflowEnded;

export const workflowEvents = eventTypes<WorkflowEvent>({
  WorkflowCreated: 'decided',
  WorkflowJobReady: 'decided',
  WorkflowLockRequested: 'decided',
  WorkflowLockReleased: 'decided',
  ApprovalRequested: 'decided',
  ApprovalGiven: 'decided',
  WorkflowJobEnded: 'decided',
  WorkflowJobCancelRequested: 'decided',
  WorkflowCanceled: 'decided',
  WorkflowStatusChanged: 'decided',
  WorkflowEnded: 'decided',
});
