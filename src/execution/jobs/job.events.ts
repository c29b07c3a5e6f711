// Facts about a job: queued with everything an agent needs, its tasks' ends, its own end.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';
import type { JobDefinition } from '../../pipelines/index.js';
import type { TaskStatus } from '../protocol/index.js';

export interface JobFacts {
  jobId: string;
  workflowId: string;
  pipelineId: string;
  projectId: string;
  workspaceId: string;
  name: string;
  /** CIRCLE_BUILD_NUM: 1, 2, ... within the project. */
  number: number;
  contexts: string[];
  definition: JobDefinition;
  /** One per parallel run, in order of the node index. */
  taskIds: string[];
  /** Set for the jobs of a setup config. */
  phase?: 'setup';
  /** The job runs only the tests that failed in the job of its name in this workflow. */
  failedTestsOf?: string;
}

export type JobQueued = EventOf<'JobQueued', JobFacts>;
export type JobStarted = EventOf<'JobStarted', { jobId: string }>;
export type JobTaskEnded = EventOf<'JobTaskEnded', { jobId: string; taskId: string; status: TaskStatus }>;
export type JobCancelRequested = EventOf<
  'JobCancelRequested',
  { jobId: string; taskIds: string[]; canceledBy: string }
>;
export type JobEnded = EventOf<
  'JobEnded',
  { jobId: string; workflowId: string; pipelineId: string; projectId: string; status: TaskStatus }
>;
export type JobEvent = JobQueued | JobStarted | JobTaskEnded | JobCancelRequested | JobEnded;

export const jobEvents = eventTypes<JobEvent>({
  JobQueued: 'decided',
  JobStarted: 'decided',
  JobTaskEnded: 'decided',
  JobCancelRequested: 'decided',
  JobEnded: 'decided',
});

/** In a stream of the project's own: its place there is the number. */
export type JobNumberTaken = EventOf<'JobNumberTaken', { jobId: string }>;
export const jobNumberEvents = eventTypes<JobNumberTaken>({ JobNumberTaken: 'read' });
