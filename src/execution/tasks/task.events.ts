// Facts about a task: one parallel run of a job. Its stream begins with the first claim.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';
import type { StepReport, TaskStatus } from '../protocol/index.js';

type TaskRef = { taskId: string; jobId: string };

/** `claim` counts from 1: a task that never started can be claimed again. */
export type TaskClaimed = EventOf<
  'TaskClaimed',
  TaskRef & { claim: number; agentId: string; agentName: string; tokenHash: string }
>;
/** The first step begins: from here on the task is never given to another agent. */
export type TaskStarted = EventOf<'TaskStarted', TaskRef>;
export type StepsReported = EventOf<'StepsReported', TaskRef & { steps: StepReport[] }>;
export type TaskRequeued = EventOf<'TaskRequeued', TaskRef & { reason: string }>;
export type TaskCancelRequested = EventOf<'TaskCancelRequested', TaskRef>;
export type TaskEnded = EventOf<'TaskEnded', TaskRef & { status: TaskStatus; message?: string }>;

export type TaskEvent =
  TaskClaimed | TaskStarted | StepsReported | TaskRequeued | TaskCancelRequested | TaskEnded;

export const taskEvents = eventTypes<TaskEvent>({
  TaskClaimed: 'decided',
  TaskStarted: 'decided',
  StepsReported: 'decided',
  TaskRequeued: 'decided',
  TaskCancelRequested: 'decided',
  TaskEnded: 'decided',
});
