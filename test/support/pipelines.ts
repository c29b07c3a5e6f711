// Making projects, starting pipelines and waiting for their ends, over the public API.
import type { ApiClient } from '../../src/cli/client.js';
import { until } from './until.js';

export interface WorkflowView {
  id: string;
  name: string;
  status: string;
}

export interface JobView {
  id: string;
  name: string;
  status: string;
  type: string;
  job_number?: number;
  approval_request_id?: string;
}

export interface StepView {
  index: number;
  name: string;
  status: string;
  exit_code?: number;
}

export interface TaskView {
  id: string;
  node_index: number;
  status: string;
  agent?: string;
  message?: string;
  steps: StepView[];
}

const ENDED = ['success', 'failed', 'canceled', 'unauthorized', 'error', 'not_run'];

/** Makes a project of a repository on this machine; returns its slug. */
export async function addProject(api: ApiClient, name: string, vcsUrl: string): Promise<string> {
  const body = { name, vcs_url: vcsUrl };
  return (await api.post<{ slug: string }>('/api/v2/organization/git/test/project', body)).slug;
}

/** Starts a pipeline on the branch `main`; returns its id. */
export async function trigger(
  api: ApiClient,
  slug: string,
  parameters: Record<string, string | number | boolean> = {},
): Promise<string> {
  const body = { branch: 'main', parameters };
  return (await api.post<{ id: string }>(`/api/v2/project/${slug}/pipeline`, body)).id;
}

/** The workflows of a pipeline. Throws when its config has errors. */
export async function workflowsOf(api: ApiClient, pipelineId: string): Promise<WorkflowView[]> {
  const pipeline = await api.get<{ state: string; errors: unknown[] }>(`/api/v2/pipeline/${pipelineId}`);
  if (pipeline.state === 'errored')
    throw new Error(`the pipeline has errors: ${JSON.stringify(pipeline.errors)}`);
  return (await api.get<{ items: WorkflowView[] }>(`/api/v2/pipeline/${pipelineId}/workflow`)).items;
}

/** The only workflow of a pipeline, as soon as there is one. */
export function workflowOf(api: ApiClient, pipelineId: string, limitMs = 30_000): Promise<WorkflowView> {
  return until('the workflow', limitMs, async () => (await workflowsOf(api, pipelineId))[0]);
}

export async function jobsOf(api: ApiClient, workflowId: string): Promise<JobView[]> {
  return (await api.get<{ items: JobView[] }>(`/api/v2/workflow/${workflowId}/job`)).items;
}

/** Waits until a workflow has ended, and returns it. */
export async function workflowEnd(
  api: ApiClient,
  workflowId: string,
  limitMs = 60_000,
): Promise<WorkflowView> {
  let last = '';
  return until(`the end of workflow ${workflowId}`, limitMs, async () => {
    const workflow = await api.get<WorkflowView>(`/api/v2/workflow/${workflowId}`);
    last = workflow.status;
    return ENDED.includes(last) ? workflow : undefined;
  }).catch(async (error: unknown) => {
    throw new Error(`${String(error)}; it is ${last}: ${JSON.stringify(await jobsOf(api, workflowId))}`);
  });
}

/** Waits until the job of this name has this status, and returns it. */
export function jobWith(
  api: ApiClient,
  workflowId: string,
  name: string,
  status: string,
  limitMs = 60_000,
): Promise<JobView> {
  return until(`job ${name} to be ${status}`, limitMs, async () =>
    (await jobsOf(api, workflowId)).find((job) => job.name === name && job.status === status),
  );
}

/** The runs of a job with their steps; empty before it was queued. */
export async function tasksOf(api: ApiClient, jobId: string): Promise<TaskView[]> {
  return (await api.get<{ items: TaskView[] }>(`/api/rotunda/v1/jobs/${jobId}/steps`)).items;
}

/** What a step has written. */
export async function outputOf(api: ApiClient, jobId: string, step: number, node = 0): Promise<string> {
  return (await api.bytes(`/api/rotunda/v1/jobs/${jobId}/tasks/${node}/steps/${step}/output`)).toString(
    'utf8',
  );
}

/** The output of all steps that have this name. */
export async function outputOfStep(api: ApiClient, jobId: string, name: string, node = 0): Promise<string> {
  const task = (await tasksOf(api, jobId)).find(({ node_index }) => node_index === node);
  const steps = task?.steps.filter((step) => step.name === name) ?? [];
  return (await Promise.all(steps.map((step) => outputOf(api, jobId, step.index, node)))).join('');
}
