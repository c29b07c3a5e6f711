// Which jobs a rerun runs again, and which it carries over.
import { describe, expect, it } from '@jest/globals';
import { newId } from '../../platform/ids/ids.js';
import { jobsOfRerun } from './workflow.commands.js';
import type { WorkflowState } from './workflow.decider.js';
import type { JobEndStatus } from './workflow.events.js';

const seed = newId(0);

/** build -> test -> deploy, and lint beside them. */
function ended(statuses: Record<string, JobEndStatus>, isEnded = true): WorkflowState {
  const requires: Record<string, string[]> = { build: [], lint: [], test: ['build'], deploy: ['test'] };
  const jobs = Object.entries(statuses).map(([name, status]) => ({
    id: `id-${name}`,
    name,
    type: 'build' as const,
    requires: requires[name]!.map((job) => ({ job, statuses: ['success' as const] })),
    phase: 'ended' as const,
    status,
    cancelRequested: false,
  }));
  return {
    facts: {
      workflowId: 'w',
      pipelineId: 'pl',
      projectId: 'p',
      name: 'all',
      jobs,
      startedBy: 'u',
      workspaceId: 'w',
    },
    jobs: new Map(jobs.map((job) => [job.id, job])),
    canceled: false,
    status: 'failed',
    ended: isEnded,
  };
}
const broken = ended({ build: 'success', lint: 'success', test: 'failed', deploy: 'not_run' });
const plan = (state: WorkflowState, request: { fromFailed: boolean; jobIds?: string[] }): string[] =>
  jobsOfRerun(state, { workflowId: 'w', ...request }, seed).map(
    ({ name, carriedOver }) => `${name}${carriedOver ? ' carried over' : ''}`,
  );

describe('jobsOfRerun', () => {
  it('runs everything again from the start', () => {
    expect(plan(broken, { fromFailed: false })).toEqual(['build', 'lint', 'test', 'deploy']);
  });
  it('from failed, carries over what succeeded', () => {
    expect(plan(broken, { fromFailed: true })).toEqual([
      'build carried over',
      'lint carried over',
      'test',
      'deploy',
    ]);
  });
  it('runs chosen jobs and what follows them', () => {
    expect(plan(broken, { fromFailed: false, jobIds: ['id-build'] })).toEqual([
      'build',
      'lint carried over',
      'test',
      'deploy',
    ]);
  });
  it('gives new ids to what runs again, the same ones when it is asked twice', () => {
    const first = jobsOfRerun(broken, { workflowId: 'w', fromFailed: true }, seed);
    expect(first.map(({ id }) => id.startsWith('id-'))).toEqual([true, true, false, false]);
    expect(jobsOfRerun(broken, { workflowId: 'w', fromFailed: true }, seed)).toEqual(first);
  });
  it.each([
    ['from_failed and jobs are mutually exclusive', broken, { fromFailed: true, jobIds: ['id-test'] }],
    ['job id-other is not part of the workflow', broken, { fromFailed: false, jobIds: ['id-other'] }],
    ['Workflow has no failed jobs to rerun', ended({ build: 'success' }), { fromFailed: true }],
    ['Workflow is not finished yet', ended({ build: 'success' }, false), { fromFailed: true }],
  ])('refuses: %s', (message, state, request) => {
    expect(() => plan(state, request)).toThrow(message);
  });
});

describe('jobs of a serial group', () => {
  const statuses: Record<string, JobEndStatus> = {
    build: 'success',
    lock: 'success',
    deploy: 'success',
    smoke: 'failed',
    unlock: 'success',
    notify: 'not_run',
  };
  const requires: Record<string, string[]> = {
    build: [],
    lock: ['build'],
    deploy: ['lock'],
    smoke: ['deploy'],
    unlock: ['lock', 'smoke'],
    notify: ['smoke'],
  };
  const base = ended({ build: 'success' });
  const jobs = Object.entries(statuses).map(([name, status]) => ({
    ...[...base.jobs.values()][0]!,
    id: `id-${name}`,
    name,
    type: name === 'lock' || name === 'unlock' ? (name as 'lock' | 'unlock') : ('build' as const),
    ...(name.endsWith('lock') && { serialGroup: 'k' }),
    requires: requires[name]!.map((job) => ({ job, statuses: ['success' as const] })),
    status,
  }));
  const state: WorkflowState = { ...base, jobs: new Map(jobs.map((job) => [job.id, job])) };

  it('run again together, under a new lock', () => {
    const again = ['build carried over', 'lock', 'deploy', 'smoke', 'unlock', 'notify'];
    expect(plan(state, { fromFailed: true })).toEqual(again);
    expect(plan(state, { fromFailed: false, jobIds: ['id-smoke'] })).toEqual(again);
  });
  it('stay as they were when only a job behind them runs again', () => {
    expect(plan(state, { fromFailed: false, jobIds: ['id-notify'] })).toEqual([
      'build carried over',
      'lock carried over',
      'deploy carried over',
      'unlock carried over',
      'notify',
    ]);
  });
});
