// What a workflow is at a moment: the state that the conductor's rules decide on.
import type {
  JobEndStatus,
  LockTicket,
  WorkflowFacts,
  WorkflowJob,
  WorkflowStatus,
} from './workflow.events.js';

type JobPhase = 'waiting' | 'ready' | 'queued' | 'on_hold' | 'ended';

export interface WorkflowJobState extends WorkflowJob {
  phase: JobPhase;
  status?: JobEndStatus;
  cancelRequested: boolean;
  /** Its place in the serial group, from when a lock is asked for until it is given back. */
  ticket?: LockTicket;
}

export interface WorkflowState {
  facts?: WorkflowFacts;
  jobs: ReadonlyMap<string, WorkflowJobState>;
  canceled: boolean;
  status: WorkflowStatus;
  ended: boolean;
}
