// The tables of tasks (what waits for agents, who has what) and of their steps.
import {
  deleteRows,
  insertRows,
  updateRows,
  upsertRows,
  type RowWriter,
} from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import type { JobFacts, JobQueued } from '../jobs/job.events.js';
import type { StepReport } from '../protocol/index.js';
import { StepEntity, TaskEntity } from './task.entity.js';
import type { TaskEvent } from './task.events.js';

export class TaskProjection implements Projection {
  readonly name = 'tasks';
  readonly tables = ['task', 'step'];
  readonly eventTypes = [
    'JobQueued',
    'TaskClaimed',
    'TaskStarted',
    'StepsReported',
    'TaskRequeued',
    'TaskCancelRequested',
    'TaskEnded',
  ] satisfies (TaskEvent | JobQueued)['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events)
      await this.one(recorded as RecordedEvent & (TaskEvent | JobQueued), recorded, db);
  }

  private async one(
    { type, data }: TaskEvent | JobQueued,
    { time, metadata }: RecordedEvent,
    db: RowWriter,
  ): Promise<void> {
    switch (type) {
      case 'JobQueued':
        await insertRows(db, TaskEntity, taskRows(data, time, metadata.correlationId));
        break;
      case 'TaskClaimed': {
        const { taskId, claim, tokenHash, agentId, agentName } = data;
        await updateRows(db, TaskEntity, taskId, {
          state: 'claimed',
          claim,
          tokenHash,
          agentId,
          agentName,
          claimedAt: time,
        });
        break;
      }
      case 'TaskStarted':
        await updateRows(db, TaskEntity, data.taskId, { state: 'started', startedAt: time });
        break;
      case 'StepsReported':
        await upsertRows(
          db,
          StepEntity,
          lastOfEach(data.steps).map((step) => stepRow(data.taskId, data.jobId, step)),
        );
        break;
      case 'TaskRequeued':
        await updateRows(db, TaskEntity, data.taskId, {
          state: 'queued',
          tokenHash: '',
          agentId: null,
          agentName: null,
          claimedAt: null,
        });
        await deleteRows(db, StepEntity, { taskId: data.taskId });
        break;
      case 'TaskCancelRequested':
        await updateRows(db, TaskEntity, data.taskId, { cancelRequested: true });
        break;
      case 'TaskEnded':
        await updateRows(db, TaskEntity, data.taskId, {
          state: data.status,
          tokenHash: '',
          message: data.message ?? null,
          stoppedAt: time,
        });
        await db.query(
          `UPDATE step SET status = 'canceled', ended_at = $2 WHERE task_id = $1 AND status = 'running'`,
          [data.taskId, time],
        );
    }
  }
}

function taskRows(data: JobFacts, time: Date, correlationId: string): TaskEntity[] {
  return data.taskIds.map((id, nodeIndex) => ({
    id,
    jobId: data.jobId,
    nodeIndex,
    state: 'queued',
    claim: 0,
    tokenHash: '',
    correlationId,
    resourceClass: data.definition.resourceClass,
    executor: data.definition.executor.type,
    cancelRequested: false,
    agentId: null,
    agentName: null,
    message: null,
    queuedAt: time,
    claimedAt: null,
    startedAt: null,
    stoppedAt: null,
  }));
}

/** The last report of a step within one batch counts; PostgreSQL refuses to upsert one row twice. */
function lastOfEach(steps: StepReport[]): StepReport[] {
  return [...new Map(steps.map((step) => [step.index, step])).values()];
}

function stepRow(taskId: string, jobId: string, step: StepReport): StepEntity {
  return {
    taskId,
    index: step.index,
    jobId,
    name: step.name,
    type: step.type,
    command: step.command ?? null,
    background: step.background ?? false,
    status: step.status,
    exitCode: step.exitCode ?? null,
    outputBytes: step.outputBytes === undefined ? null : String(step.outputBytes),
    startedAt: new Date(step.startedAt),
    endedAt: step.endedAt ? new Date(step.endedAt) : null,
  };
}
