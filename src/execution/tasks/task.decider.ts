// The rules of a task: claimed by one agent at a time, never run twice after it started, ended once.
import { ConflictError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { nothing, record, type Decider } from '../../platform/event-store/decider.js';
import type { StepReport, TaskReport } from '../protocol/index.js';
import { taskEvents, type TaskEvent } from './task.events.js';

type Ref = { taskId: string; jobId: string };
export type TaskCommand =
  | ({ type: 'ClaimTask'; agentId: string; agentName: string; tokenHash: string } & Ref)
  | ({ type: 'ReportTask'; tokenHash: string; report: TaskReport } & Ref)
  | ({ type: 'CancelTask' } & Ref)
  | ({ type: 'LoseTask'; claim: number; reason: string } & Ref);

export interface TaskState {
  phase: 'queued' | 'claimed' | 'started' | 'ended';
  /** Counts claims; 0 before the first. */
  claim: number;
  jobId: string;
  agentId: string;
  agentName: string;
  /** SHA-256 of the bearer of the present claim; empty when there is none. */
  tokenHash: string;
  cancelRequested: boolean;
  /** The last report of each step, as text, to tell news from repetitions. */
  steps: ReadonlyMap<number, string>;
}

export const taskDecider: Decider<TaskCommand, TaskState, TaskEvent> = {
  events: taskEvents,
  initialState: () => ({
    phase: 'queued',
    claim: 0,
    jobId: '',
    agentId: '',
    agentName: '',
    tokenHash: '',
    cancelRequested: false,
    steps: new Map(),
  }),

  decide(command, state) {
    const ref = { taskId: command.taskId, jobId: command.jobId };
    switch (command.type) {
      case 'ClaimTask': {
        if (state.phase !== 'queued') throw new ConflictError('TASK.TAKEN', 'the task is not waiting');
        const { agentId, agentName, tokenHash } = command;
        return record(
          event<TaskEvent>('TaskClaimed', { ...ref, claim: state.claim + 1, agentId, agentName, tokenHash }),
        );
      }
      case 'ReportTask': {
        if (state.phase === 'queued' || state.phase === 'ended' || command.tokenHash !== state.tokenHash) {
          throw new ConflictError('TASK.CLAIM_OVER', 'this claim of the task is over');
        }
        const events = reported(ref, command.report, state);
        return events.length > 0 ? { events } : nothing('nothing new in the report');
      }
      case 'CancelTask':
        if (state.phase === 'ended') return nothing('the task has ended');
        if (state.phase === 'queued')
          return record(event<TaskEvent>('TaskEnded', { ...ref, status: 'canceled' }));
        if (state.cancelRequested) return nothing('already asked to stop');
        return record(event<TaskEvent>('TaskCancelRequested', ref));
      case 'LoseTask':
        if (state.phase === 'queued' || state.phase === 'ended') return nothing('no agent has the task');
        if (state.claim !== command.claim) return nothing('another claim than the one that was lost');
        return record(lost(ref, command.reason, state));
    }
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'TaskClaimed':
        return { ...state, ...data, phase: 'claimed' };
      case 'TaskStarted':
        return { ...state, phase: 'started' };
      case 'StepsReported':
        return {
          ...state,
          steps: new Map([...state.steps, ...data.steps.map((s) => [s.index, JSON.stringify(s)] as const)]),
        };
      case 'TaskRequeued':
        return { ...state, phase: 'queued', tokenHash: '', steps: new Map() };
      case 'TaskCancelRequested':
        return { ...state, cancelRequested: true };
      case 'TaskEnded':
        return { ...state, phase: 'ended', tokenHash: '' };
    }
  },
};

function reported(ref: Ref, report: TaskReport, state: TaskState): TaskEvent[] {
  const events: TaskEvent[] = [];
  if (report.started && state.phase === 'claimed') events.push(event<TaskEvent>('TaskStarted', ref));
  const news = report.steps.filter((step) => isNews(step, state.steps.get(step.index)));
  if (news.length > 0) events.push(event<TaskEvent>('StepsReported', { ...ref, steps: news }));
  if (report.finished) events.push(event<TaskEvent>('TaskEnded', { ...ref, ...report.finished }));
  return events;
}

/** A step that has ended stays as it ended. */
function isNews(step: StepReport, known: string | undefined): boolean {
  if (known === undefined) return true;
  if ((JSON.parse(known) as StepReport).status !== 'running') return false;
  return known !== JSON.stringify(step);
}

/** A task that never started goes back to the queue; one that did is never run again (DESIGN "What must hold"). */
function lost(ref: Ref, reason: string, state: TaskState): TaskEvent {
  if (state.phase === 'claimed' && !state.cancelRequested)
    return event<TaskEvent>('TaskRequeued', { ...ref, reason });
  const status = state.cancelRequested ? 'canceled' : 'infrastructure_fail';
  return event<TaskEvent>('TaskEnded', { ...ref, status, message: reason });
}
