// A job with all its details as REST v2 shows it.
import type { JobEntity, TaskEntity } from '../../../execution/index.js';
import type {
  PipelineEntity,
  ProjectEntity,
  WorkflowEntity,
  WorkflowJobEntity,
} from '../../../pipelines/index.js';
import type { JobView } from './jobs.schemas.js';
import { withoutPassword } from './projects.views.js';
import { jobStatus } from './workflows.views.js';

export interface JobRows {
  project: ProjectEntity;
  pipeline: PipelineEntity;
  /** The newest workflow that shows the job: a rerun from failed shows those that it carried over. */
  workflow: WorkflowEntity;
  place: WorkflowJobEntity;
  /** Absent for an approval, and for a job that was not queued yet. */
  job?: JobEntity;
  tasks: readonly TaskEntity[];
}

/** `publicUrl`: where people reach the server, without a slash at the end. */
export function jobView(
  { project, pipeline, workflow, place, job, tasks }: JobRows,
  publicUrl: string,
): JobView {
  const workflowUrl = `${publicUrl}/pipelines/${project.slug}/${pipeline.number}/workflows/${workflow.id}`;
  const [startedAt, stoppedAt] = [job?.startedAt ?? null, job?.stoppedAt ?? place.endedAt];
  return {
    id: place.jobId,
    web_url: job ? `${workflowUrl}/jobs/${job.number}` : workflowUrl,
    project: {
      id: project.id,
      slug: project.slug,
      name: project.name,
      external_url: withoutPassword(project.vcsUrl),
    },
    parallel_runs: tasks.map((task) => ({ index: task.nodeIndex, status: runStatus(task.state) })),
    started_at: startedAt?.toISOString() ?? null,
    stopped_at: stoppedAt?.toISOString() ?? null,
    queued_at: job?.queuedAt.toISOString() ?? null,
    created_at: (job?.queuedAt ?? workflow.createdAt).toISOString(),
    duration: startedAt && job?.stoppedAt ? job.stoppedAt.getTime() - startedAt.getTime() : null,
    latest_workflow: { id: workflow.id, name: workflow.name },
    name: place.name,
    type: place.type === 'approval' ? 'approval' : 'build',
    ...(job ? { executor: { resource_class: job.resourceClass, type: job.executor } } : {}),
    parallelism: job?.parallelism ?? 1,
    status: jobStatus(place, job),
    ...(job ? { number: job.number } : {}),
    pipeline: { id: pipeline.id },
    messages: tasks.flatMap(({ message, state }) =>
      message === null ? [] : [{ type: 'error', message, reason: state }],
    ),
    contexts: (job?.contexts ?? []).map((name) => ({ name })),
    organization: { name: project.organizationName },
  };
}

/** A task that an agent holds but has not begun is still waiting, as people see it. */
function runStatus(state: TaskEntity['state']): string {
  if (state === 'claimed') return 'queued';
  return state === 'started' ? 'running' : state;
}
