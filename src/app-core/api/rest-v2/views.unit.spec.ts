// What rows look like in answers: statuses, what is left out, what is never shown.
import { describe, expect, it } from '@jest/globals';
import type { JobEntity, TaskEntity } from '../../../execution/index.js';
import type {
  PipelineEntity,
  ProjectEntity,
  WorkflowEntity,
  WorkflowJobEntity,
} from '../../../pipelines/index.js';
import { jobView } from './jobs.views.js';
import { pipelineConfigView, pipelineValuesView, pipelineView } from './pipelines.views.js';
import { projectView } from './projects.views.js';
import { jobStatus, NOBODY, workflowJobView, workflowView } from './workflows.views.js';

const time = new Date('2026-01-02T03:04:05.678Z');
const later = new Date(time.getTime() + 1500);
const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

const project: ProjectEntity = {
  id: uuid(1),
  slug: 'git/acme/demo',
  name: 'demo',
  organizationId: uuid(2),
  organizationSlug: 'git/acme',
  organizationName: 'acme',
  vcsUrl: 'https://user:secret@example.org/demo.git',
  defaultBranch: 'main',
  createdAt: time,
};
const pipeline: PipelineEntity = {
  id: uuid(3),
  projectId: project.id,
  projectSlug: project.slug,
  number: 7,
  state: 'pending',
  continued: false,
  trigger: { type: 'api', actor: { id: uuid(4), login: 'ada' }, receivedAt: time.toISOString() },
  vcs: { url: project.vcsUrl, branch: 'asked' },
  branch: 'asked',
  actorId: uuid(4),
  parameters: { a: 1 },
  commit: null,
  errors: [],
  createdAt: time,
  updatedAt: later,
};
const workflow: WorkflowEntity = {
  id: uuid(5),
  pipelineId: pipeline.id,
  projectId: project.id,
  name: 'main',
  status: 'running',
  startedBy: uuid(4),
  canceledBy: null,
  workspaceId: uuid(5),
  rerunOf: null,
  maxAutoReruns: null,
  autoRerunNumber: null,
  createdAt: time,
  stoppedAt: null,
};
const place: WorkflowJobEntity = {
  workflowId: workflow.id,
  jobId: uuid(6),
  ordinal: 1,
  name: 'deploy',
  type: 'build',
  requires: [{ job: 'build', statuses: ['success', 'failed'] }],
  phase: 'blocked',
  status: null,
  reason: null,
  why: null,
  approvedBy: null,
  canceledBy: null,
  endedAt: null,
};
const job: JobEntity = {
  id: place.jobId,
  workflowId: workflow.id,
  pipelineId: pipeline.id,
  projectId: project.id,
  name: 'deploy',
  number: 9,
  status: 'running',
  resourceClass: 'large',
  executor: 'docker',
  parallelism: 2,
  contexts: ['org-global'],
  canceledBy: null,
  queuedAt: time,
  startedAt: time,
  stoppedAt: null,
};
const task = (nodeIndex: number, state: TaskEntity['state'], message: string | null): TaskEntity => ({
  id: uuid(10 + nodeIndex),
  jobId: job.id,
  nodeIndex,
  state,
  claim: 1,
  correlationId: null,
  tokenHash: 'hash',
  resourceClass: 'large',
  executor: 'docker',
  cancelRequested: false,
  agentId: null,
  agentName: null,
  message,
  queuedAt: time,
  claimedAt: null,
  startedAt: null,
  stoppedAt: null,
});

describe('the status of a job', () => {
  it.each([
    ['blocked', null, undefined, 'blocked'],
    ['on_hold', null, undefined, 'on_hold'],
    ['ready', null, undefined, 'queued'],
    ['ready', null, 'queued', 'queued'],
    ['ready', null, 'running', 'running'],
    ['ready', null, 'failed', 'failed'],
    ['ended', 'success', undefined, 'success'],
    ['ended', 'not_run', undefined, 'not_run'],
    ['ended', 'canceled', 'queued', 'canceled'],
    ['ended', 'infrastructure_fail', 'infrastructure_fail', 'infrastructure_fail'],
    ['ended', 'timedout', 'timedout', 'timedout'],
  ] as const)('is, %s with %s and a job that is %s: %s', (phase, status, own, shown) => {
    expect(jobStatus({ phase, status }, own && { status: own })).toBe(shown);
  });
});

describe('a pipeline', () => {
  it('shows what was asked for until the commit is known', () => {
    expect(pipelineView(pipeline).vcs).toEqual({
      provider_name: 'CircleCI',
      target_repository_url: 'https://example.org/demo.git',
      origin_repository_url: 'https://example.org/demo.git',
      revision: '',
      branch: 'asked',
    });
    const commit = { revision: 'abc', tag: 'v1', subject: 's', body: 'b', authorName: 'Ada' };
    expect(pipelineView({ ...pipeline, commit }).vcs).toMatchObject({
      revision: 'abc',
      tag: 'v1',
      commit: { subject: 's', body: 'b' },
    });
    expect(pipelineView({ ...pipeline, commit }).vcs).not.toHaveProperty('branch');
  });

  it('has empty texts for a config that it does not have', () => {
    expect(pipelineConfigView(null)).toEqual({ source: '', compiled: '' });
  });

  it('has no null among its values', () => {
    const values = pipelineValuesView(pipeline, 'asked');
    expect(Object.values(values)).not.toContain(null);
    expect(values).toMatchObject({ number: 7, 'git.branch': 'asked', 'git.branch.is_default': true });
  });
});

it('no view shows the password of a repository', () => {
  const rows = { project, pipeline, workflow, place, job, tasks: [] };
  const shown = [
    projectView(project),
    pipelineView(pipeline),
    pipelineValuesView(pipeline, ''),
    jobView(rows, 'http://x'),
  ];
  expect(JSON.stringify(shown)).not.toContain('secret');
});

describe('a workflow', () => {
  it('shows users by id only', () => {
    expect(workflowView(workflow, pipeline)).toMatchObject({ started_by: uuid(4), stopped_at: null });
    expect(workflowView(workflow, pipeline)).not.toHaveProperty('canceled_by');
    const automatic = { ...workflow, startedBy: 'rotunda', canceledBy: 'rotunda', stoppedAt: later };
    const view = workflowView(automatic, pipeline);
    expect(view).toMatchObject({ started_by: NOBODY, stopped_at: later.toISOString() });
    expect(view).not.toHaveProperty('canceled_by');
  });

  it('shows a job with the ids of those that it requires', () => {
    const ids = new Map([['build', uuid(8)]]);
    expect(workflowJobView(place, undefined, ids, project.slug)).toEqual({
      id: place.jobId,
      name: 'deploy',
      project_slug: project.slug,
      type: 'build',
      status: 'blocked',
      dependencies: [uuid(8)],
      requires: { [uuid(8)]: ['success', 'failed'] },
      started_at: null,
      stopped_at: null,
    });
  });

  it('shows an approval with the id to approve it by', () => {
    const approval = {
      ...place,
      type: 'approval',
      phase: 'ended',
      status: 'success',
      approvedBy: uuid(4),
      endedAt: later,
    } as const;
    expect(workflowJobView(approval, undefined, new Map(), project.slug)).toMatchObject({
      type: 'approval',
      status: 'success',
      approval_request_id: place.jobId,
      approved_by: uuid(4),
      stopped_at: later.toISOString(),
    });
  });

  it('shows a job that waits for nothing and runs nothing as a build', () => {
    expect(workflowJobView({ ...place, type: 'no-op' }, undefined, new Map(), project.slug).type).toBe(
      'build',
    );
  });
});

describe('a job', () => {
  const rows = { project, pipeline, workflow, place: { ...place, phase: 'ready' as const }, job };

  it('shows its runs and what went wrong with them', () => {
    const tasks = [task(0, 'claimed', null), task(1, 'infrastructure_fail', 'the agent was lost')];
    expect(jobView({ ...rows, tasks }, 'http://x')).toMatchObject({
      status: 'running',
      duration: null,
      parallel_runs: [
        { index: 0, status: 'queued' },
        { index: 1, status: 'infrastructure_fail' },
      ],
      messages: [{ type: 'error', message: 'the agent was lost', reason: 'infrastructure_fail' }],
      web_url: `http://x/pipelines/git/acme/demo/7/workflows/${workflow.id}/jobs/9`,
    });
  });

  it('has a duration in milliseconds when it has ended', () => {
    const ended = { ...job, status: 'success', stoppedAt: later } as const;
    expect(jobView({ ...rows, job: ended, tasks: [] }, '').duration).toBe(1500);
  });

  it('has no number and no executor before it was queued', () => {
    const view = jobView({ ...rows, place, job: undefined, tasks: [] }, 'http://x');
    expect(view).toMatchObject({ status: 'blocked', parallelism: 1, queued_at: null, started_at: null });
    expect(view).not.toHaveProperty('number');
    expect(view).not.toHaveProperty('executor');
  });
});
