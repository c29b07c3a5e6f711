// The table of jobs.
import { insertRows, updateRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { JobEntity } from './job.entity.js';
import type { JobEvent, JobFacts } from './job.events.js';

export class JobProjection implements Projection {
  readonly name = 'jobs';
  readonly tables = ['job'];
  readonly eventTypes = [
    'JobQueued',
    'JobStarted',
    'JobCancelRequested',
    'JobEnded',
  ] satisfies JobEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & JobEvent;
      switch (type) {
        case 'JobQueued':
          await insertRows(db, JobEntity, queuedRow(data, recorded.time));
          break;
        case 'JobStarted':
          await updateRows(db, JobEntity, data.jobId, { status: 'running', startedAt: recorded.time });
          break;
        case 'JobCancelRequested':
          await updateRows(db, JobEntity, data.jobId, { canceledBy: data.canceledBy });
          break;
        case 'JobEnded':
          await updateRows(db, JobEntity, data.jobId, { status: data.status, stoppedAt: recorded.time });
          break;
        case 'JobTaskEnded':
          break;
      }
    }
  }
}

function queuedRow(data: JobFacts, time: Date): JobEntity {
  const { jobId, workflowId, pipelineId, projectId, name, number, contexts, definition } = data;
  return {
    id: jobId,
    workflowId,
    pipelineId,
    projectId,
    name,
    number,
    status: 'queued',
    resourceClass: definition.resourceClass,
    executor: definition.executor.type,
    parallelism: definition.parallelism,
    contexts,
    canceledBy: null,
    queuedAt: time,
    startedAt: null,
    stoppedAt: null,
  };
}
