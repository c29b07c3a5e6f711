// Rows of workflows and their jobs as REST v2 shows them.
import type { JobEntity } from '../../../execution/index.js';
import type { WorkflowEntity, WorkflowJobEntity } from '../../../pipelines/index.js';
import { isUuid } from '../../../platform/ids/ids.js';
import type { JobStatus, WorkflowJobView, WorkflowView } from './workflows.schemas.js';

/** Stands for the system itself where the original has a user's id. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

export function workflowView(
  row: WorkflowEntity,
  pipeline: { number: number; projectSlug: string },
): WorkflowView {
  return {
    id: row.id,
    pipeline_id: row.pipelineId,
    pipeline_number: pipeline.number,
    project_slug: pipeline.projectSlug,
    name: row.name,
    status: row.status,
    started_by: isUuid(row.startedBy) ? row.startedBy : NOBODY,
    ...userField('canceled_by', row.canceledBy),
    ...(row.maxAutoReruns !== null && { max_auto_reruns: row.maxAutoReruns }),
    ...(row.autoRerunNumber !== null && { auto_rerun_number: row.autoRerunNumber }),
    created_at: row.createdAt.toISOString(),
    stopped_at: row.stoppedAt?.toISOString() ?? null,
  };
}

/**
 * The status of a job: the workflow knows whether it may run and how it ended, the job itself whether it waits or runs.
 * A job that has become ready and is not queued yet counts as queued.
 */
export function jobStatus(
  row: Pick<WorkflowJobEntity, 'phase' | 'status'>,
  job: Pick<JobEntity, 'status'> | undefined,
): JobStatus {
  switch (row.phase) {
    case 'ended':
      return row.status ?? 'not_run';
    case 'on_hold':
      return 'on_hold';
    case 'queued':
      return 'queued';
    case 'blocked':
      return 'blocked';
    case 'ready':
      return job?.status ?? 'queued';
  }
}

/** `idOf`: the ids of the workflow's jobs by name. */
export function workflowJobView(
  row: WorkflowJobEntity,
  job: JobEntity | undefined,
  idOf: ReadonlyMap<string, string>,
  projectSlug: string,
): WorkflowJobView {
  const required = row.requires.flatMap((r) => {
    const id = idOf.get(r.job);
    return id === undefined ? [] : [{ id, statuses: r.statuses }];
  });
  return {
    id: row.jobId,
    name: row.name,
    project_slug: projectSlug,
    type: row.type === 'approval' ? 'approval' : 'build',
    status: jobStatus(row, job),
    dependencies: required.map(({ id }) => id),
    requires: Object.fromEntries(required.map(({ id, statuses }) => [id, statuses])),
    started_at: job?.startedAt?.toISOString() ?? null,
    stopped_at: (job?.stoppedAt ?? row.endedAt)?.toISOString() ?? null,
    ...(job ? { job_number: job.number } : {}),
    ...(row.type === 'approval' ? { approval_request_id: row.jobId } : {}),
    ...userField('approved_by', row.approvedBy),
    ...userField('canceled_by', row.canceledBy ?? job?.canceledBy ?? null),
  };
}

/** A field that holds a user's id, left out when no user did it: clients read an empty one as an error (ENDPOINTS 0.5). */
function userField<Name extends string>(name: Name, id: string | null): Partial<Record<Name, string>> {
  return id !== null && isUuid(id) ? ({ [name]: id } as Record<Name, string>) : {};
}
