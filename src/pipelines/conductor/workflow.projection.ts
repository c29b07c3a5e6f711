// The tables of workflows and their graphs.
import { insertRows, updateRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { WorkflowEntity, WorkflowJobEntity } from './workflow.entity.js';
import type { WorkflowEvent, WorkflowFacts, WorkflowLockReleased } from './workflow.events.js';

/** That a lock was given back changes nothing here: its job has ended before. */
type ProjectedEvent = Exclude<WorkflowEvent, WorkflowLockReleased>;

export class WorkflowProjection implements Projection {
  readonly name = 'workflows';
  readonly tables = ['workflow', 'workflow_job'];
  readonly eventTypes = [
    'WorkflowCreated',
    'WorkflowJobReady',
    'WorkflowLockRequested',
    'ApprovalRequested',
    'ApprovalGiven',
    'WorkflowJobEnded',
    'WorkflowJobCancelRequested',
    'WorkflowCanceled',
    'WorkflowStatusChanged',
    'WorkflowEnded',
  ] satisfies ProjectedEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events)
      await this.one(recorded as RecordedEvent & ProjectedEvent, recorded.time, db);
  }

  private async one({ type, data }: ProjectedEvent, time: Date, db: RowWriter): Promise<void> {
    const job = 'jobId' in data ? { workflowId: data.workflowId, jobId: data.jobId } : undefined;
    switch (type) {
      case 'WorkflowCreated':
        await insertRows(db, WorkflowEntity, workflowRow(data, time));
        await insertRows(db, WorkflowJobEntity, jobRows(data));
        break;
      case 'WorkflowJobReady':
        await updateRows(db, WorkflowJobEntity, job!, { phase: 'ready' });
        break;
      case 'WorkflowLockRequested':
        await updateRows(db, WorkflowJobEntity, job!, { phase: 'queued' });
        break;
      case 'ApprovalRequested':
        await updateRows(db, WorkflowJobEntity, job!, { phase: 'on_hold' });
        break;
      case 'ApprovalGiven':
        await updateRows(db, WorkflowJobEntity, job!, { approvedBy: data.approvedBy });
        break;
      case 'WorkflowJobEnded':
        await updateRows(db, WorkflowJobEntity, job!, {
          phase: 'ended',
          status: data.status,
          reason: data.reason ?? null,
          why: data.why ?? null,
          endedAt: time,
        });
        break;
      case 'WorkflowJobCancelRequested':
        await updateRows(db, WorkflowJobEntity, job!, { canceledBy: data.canceledBy });
        break;
      case 'WorkflowCanceled':
        await updateRows(db, WorkflowEntity, data.workflowId, { canceledBy: data.canceledBy });
        break;
      case 'WorkflowStatusChanged':
        await updateRows(db, WorkflowEntity, data.workflowId, { status: data.status });
        break;
      case 'WorkflowEnded':
        await updateRows(db, WorkflowEntity, data.workflowId, { status: data.status, stoppedAt: time });
    }
  }
}

function workflowRow(data: WorkflowFacts, time: Date): WorkflowEntity {
  const { workflowId, pipelineId, projectId, name, startedBy, workspaceId, rerunOf } = data;
  const { maxAutoReruns, autoRerunNumber } = data;
  return {
    id: workflowId,
    pipelineId,
    projectId,
    name,
    status: 'running',
    startedBy,
    canceledBy: null,
    workspaceId,
    rerunOf: rerunOf ?? null,
    maxAutoReruns: maxAutoReruns ?? null,
    autoRerunNumber: autoRerunNumber ?? null,
    createdAt: time,
    stoppedAt: null,
  };
}

function jobRows(data: WorkflowFacts): WorkflowJobEntity[] {
  return data.jobs.map((job, ordinal) => ({
    workflowId: data.workflowId,
    jobId: job.id,
    ordinal,
    name: job.name,
    type: job.type,
    requires: job.requires,
    phase: job.carriedOver ? 'ended' : 'blocked',
    status: job.carriedOver ? 'success' : null,
    reason: null,
    why: null,
    approvedBy: null,
    canceledBy: null,
    endedAt: null,
  }));
}
