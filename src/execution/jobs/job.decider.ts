// The rules of a job: it ends when each of its tasks has ended, and the worst of them names the result.
import { NotFoundError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { nothing, record, type Decider } from '../../platform/event-store/decider.js';
import type { TaskStatus } from '../protocol/index.js';
import { jobEvents, type JobEvent, type JobFacts } from './job.events.js';

export type JobCommand =
  | ({ type: 'QueueJob' } & JobFacts)
  | { type: 'RecordTaskStart'; jobId: string; taskId: string }
  | { type: 'RecordTaskEnd'; jobId: string; taskId: string; status: TaskStatus }
  | { type: 'CancelJob'; jobId: string; canceledBy: string };

export interface JobState {
  facts?: JobFacts;
  started: boolean;
  canceled: boolean;
  ended: boolean;
  tasks: ReadonlyMap<string, TaskStatus | 'open'>;
}

/** From worst to best: the job takes the first that one of its tasks has. */
const RANK: readonly TaskStatus[] = ['canceled', 'infrastructure_fail', 'timedout', 'failed', 'success'];

export const jobDecider: Decider<JobCommand, JobState, JobEvent> = {
  events: jobEvents,
  initialState: () => ({ started: false, canceled: false, ended: false, tasks: new Map() }),

  decide(command, state) {
    if (command.type === 'QueueJob') {
      if (state.facts) return nothing('already queued');
      const { type: _, ...facts } = command;
      return record(event<JobEvent>('JobQueued', facts));
    }
    if (!state.facts) throw new NotFoundError('JOB.NOT_FOUND', 'Job not found');
    const { jobId, workflowId, pipelineId, projectId } = state.facts;
    switch (command.type) {
      case 'RecordTaskStart':
        if (state.started || state.ended) return nothing('already started');
        return record(event<JobEvent>('JobStarted', { jobId }));
      case 'RecordTaskEnd': {
        const { taskId, status } = command;
        if (state.tasks.get(taskId) !== 'open') return nothing('the end of this task is known');
        const ends = new Map(state.tasks).set(taskId, status);
        const ended = event<JobEvent>('JobTaskEnded', { jobId, taskId, status });
        if ([...ends.values()].includes('open')) return record(ended);
        const worst = RANK.find((rank) => [...ends.values()].includes(rank))!;
        return record(
          ended,
          event<JobEvent>('JobEnded', { jobId, workflowId, pipelineId, projectId, status: worst }),
        );
      }
      case 'CancelJob': {
        if (state.ended) return nothing('the job has ended');
        if (state.canceled) return nothing('already asked to stop');
        const taskIds = [...state.tasks].filter(([, status]) => status === 'open').map(([id]) => id);
        return record(
          event<JobEvent>('JobCancelRequested', { jobId, taskIds, canceledBy: command.canceledBy }),
        );
      }
    }
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'JobQueued':
        return { ...state, facts: data, tasks: new Map(data.taskIds.map((id) => [id, 'open'])) };
      case 'JobStarted':
        return { ...state, started: true };
      case 'JobTaskEnded':
        return { ...state, tasks: new Map(state.tasks).set(data.taskId, data.status) };
      case 'JobCancelRequested':
        return { ...state, canceled: true };
      case 'JobEnded':
        return { ...state, ended: true };
    }
  },
};
