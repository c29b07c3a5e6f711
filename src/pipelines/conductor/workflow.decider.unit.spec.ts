// What a workflow allows: which job may run when, what can no longer run and why, approvals, cancels, the end.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import type { JobOutcome } from '../config/index.js';
import { workflowDecider, type WorkflowCommand } from './workflow.decider.js';
import type {
  EndReason,
  JobEndStatus,
  WorkflowEvent,
  WorkflowFacts,
  WorkflowJob,
} from './workflow.events.js';

const job = (
  name: string,
  requires: (string | [string, JobOutcome[]])[] = [],
  type: WorkflowJob['type'] = 'build',
): WorkflowJob => ({
  id: `id-${name}`,
  name,
  type,
  requires: requires.map((r) =>
    typeof r === 'string' ? { job: r, statuses: ['success'] } : { job: r[0], statuses: r[1] },
  ),
});
const factsOf = (jobs: WorkflowJob[]): WorkflowFacts => ({
  workflowId: 'w1',
  pipelineId: 'pl1',
  projectId: 'p1',
  name: 'all',
  jobs,
  startedBy: 'u1',
  workspaceId: 'w1',
});
const create = (...jobs: WorkflowJob[]): WorkflowCommand => ({ type: 'CreateWorkflow', ...factsOf(jobs) });
const reported = (name: string, status: JobEndStatus): WorkflowCommand => ({
  type: 'ReportJobEnd',
  workflowId: 'w1',
  jobId: `id-${name}`,
  status,
});
const approve = (name: string): WorkflowCommand => ({
  type: 'ApproveJob',
  workflowId: 'w1',
  jobId: `id-${name}`,
  approvedBy: 'ada',
});
const cancel: WorkflowCommand = { type: 'CancelWorkflow', workflowId: 'w1', canceledBy: 'ada' };
const cancelJob = (name: string): WorkflowCommand => ({
  type: 'CancelWorkflowJob',
  workflowId: 'w1',
  jobId: `id-${name}`,
  canceledBy: 'ada',
});

const ref = (name: string) => ({ workflowId: 'w1', jobId: `id-${name}`, name });
const created = (...jobs: WorkflowJob[]) => event<WorkflowEvent>('WorkflowCreated', factsOf(jobs));
const place = { workflowName: 'all', pipelineId: 'pl1', projectId: 'p1', workspaceId: 'w1' };
const ready = (name: string) => event<WorkflowEvent>('WorkflowJobReady', { ...ref(name), ...place });
const onHold = (name: string) => event<WorkflowEvent>('ApprovalRequested', ref(name));
const ended = (name: string, status: JobEndStatus, reason?: string, why?: EndReason[]) =>
  event<WorkflowEvent>('WorkflowJobEnded', {
    ...ref(name),
    status,
    ...(reason ? { reason } : {}),
    ...(why ? { why } : {}),
  });
const byAda: EndReason[] = [{ type: 'canceled', by: 'ada' }];
const statusIs = (status: 'running' | 'failing' | 'on_hold') =>
  event<WorkflowEvent>('WorkflowStatusChanged', { workflowId: 'w1', status });
const over = (status: 'success' | 'failed' | 'canceled' | 'unauthorized') =>
  event<WorkflowEvent>('WorkflowEnded', { workflowId: 'w1', pipelineId: 'pl1', projectId: 'p1', status });
const cancelAsked = (name: string) =>
  event<WorkflowEvent>('WorkflowJobCancelRequested', { ...ref(name), canceledBy: 'ada' });
const canceled = event<WorkflowEvent>('WorkflowCanceled', { workflowId: 'w1', canceledBy: 'ada' });

const after = (given: WorkflowEvent[], command: WorkflowCommand) =>
  decideAfter(workflowDecider, given, command);
const events = (...list: WorkflowEvent[]) => ({ events: list.map((e) => [e.type, e.data]) });
const noWorkflow = { error: 'NotFoundError WORKFLOW.NOT_FOUND: Workflow not found' };
const noJob = { error: 'NotFoundError JOB.NOT_FOUND: Job not found' };

const [build, test, hold, gate] = [
  job('build'),
  job('test', ['build']),
  job('hold', ['build'], 'approval'),
  job('gate', [], 'no-op'),
];

describe('CreateWorkflow', () => {
  it('makes the jobs ready that require nothing', () => {
    expect(after([], create(build, test))).toEqual(events(created(build, test), ready('build')));
  });
  it('ends at once when there is nothing to run', () => {
    expect(after([], create())).toEqual(events(created(), over('success')));
    expect(after([], create(gate))).toEqual(events(created(gate), ended('gate', 'success'), over('success')));
  });
  it('waits on hold when an approval is all there is', () => {
    const alone = job('hold', [], 'approval');
    expect(after([], create(alone))).toEqual(events(created(alone), onHold('hold'), statusIs('on_hold')));
  });
  it('does not run what a rerun carried over', () => {
    const kept = { ...build, carriedOver: true };
    expect(after([], create(kept, test))).toEqual(events(created(kept, test), ready('test')));
  });
  it('tells the jobs of a rerun of failed tests whose tests these are', () => {
    const facts = { ...factsOf([build]), rerunOf: 'w0', failedTestsOf: 'w0' };
    expect(after([], { type: 'CreateWorkflow', ...facts })).toEqual(
      events(
        event<WorkflowEvent>('WorkflowCreated', facts),
        event<WorkflowEvent>('WorkflowJobReady', { ...ref('build'), ...place, failedTestsOf: 'w0' }),
      ),
    );
  });
  it.each([
    ['NAMES: two jobs of the workflow have one name', [build, build]],
    ['REQUIRES: job test requires build, which is not in the workflow', [test]],
    ['CYCLE: the jobs a, b require each other', [job('a', ['b']), job('b', ['a'])]],
  ])('refuses a wrong graph: %s', (message, jobs) => {
    expect(after([], create(...jobs))).toEqual({ error: `InvalidInputError WORKFLOW.${message}` });
  });
  it('does nothing a second time', () => {
    expect(after([created(build)], create(build))).toEqual({ nothing: 'the workflow exists' });
  });
});

describe('ReportJobEnd', () => {
  const running = [created(build, test), ready('build')];
  it('makes the next job ready', () => {
    expect(after(running, reported('build', 'success'))).toEqual(
      events(ended('build', 'success'), ready('test')),
    );
  });
  it('says why a job can no longer run, and ends the workflow', () => {
    expect(after(running, reported('build', 'infrastructure_fail'))).toEqual(
      events(
        ended('build', 'infrastructure_fail'),
        ended('test', 'not_run', 'requires build: success, but it ended infrastructure_fail', [
          { type: 'requirement', job: 'build', statuses: ['success'], status: 'infrastructure_fail' },
        ]),
        over('failed'),
      ),
    );
  });
  it('takes a job that broke or ran too long as failed', () => {
    const cleanup = job('cleanup', [['build', ['failed']]]);
    for (const status of ['failed', 'infrastructure_fail', 'timedout'] as const) {
      expect(after([created(build, cleanup), ready('build')], reported('build', status))).toEqual(
        events(ended('build', status), ready('cleanup'), statusIs('failing')),
      );
    }
  });
  it('is failing while other jobs run on', () => {
    const lint = job('lint');
    expect(after([created(build, lint), ready('build'), ready('lint')], reported('build', 'failed'))).toEqual(
      events(ended('build', 'failed'), statusIs('failing')),
    );
  });
  it.each<[JobEndStatus, 'success' | 'failed' | 'canceled' | 'unauthorized']>([
    ['success', 'success'],
    ['failed', 'failed'],
    ['timedout', 'failed'],
    ['unauthorized', 'unauthorized'],
    ['canceled', 'canceled'],
  ])('a last job that ended %s ends the workflow %s', (status, result) => {
    expect(after([created(build), ready('build')], reported('build', status))).toEqual(
      events(ended('build', status), over(result)),
    );
  });
  it('refuses a job that is not part of it, and a workflow that is not there', () => {
    expect(after(running, reported('other', 'success'))).toEqual(noJob);
    expect(after([], reported('build', 'success'))).toEqual(noWorkflow);
  });
  it('does nothing about an end that is known', () => {
    expect(after([...running, ended('build', 'failed')], reported('build', 'success'))).toEqual({
      nothing: 'the end of the job is known',
    });
    expect(after([created(build), over('success')], reported('build', 'success'))).toEqual({
      nothing: 'the workflow has ended',
    });
  });
});

describe('ApproveJob', () => {
  const deploy = job('deploy', ['hold']);
  const waiting = [
    created(build, hold, deploy),
    ready('build'),
    ended('build', 'success'),
    onHold('hold'),
    statusIs('on_hold'),
  ];
  const given = event<WorkflowEvent>('ApprovalGiven', { ...ref('hold'), approvedBy: 'ada' });
  it('lets those run that require it', () => {
    expect(after(waiting, approve('hold'))).toEqual(
      events(given, ended('hold', 'success'), ready('deploy'), statusIs('running')),
    );
  });
  it('refuses a job that is no approval, is not on hold yet, or is not there', () => {
    expect(after(waiting, approve('deploy'))).toEqual({
      error: 'InvalidInputError JOB.NOT_APPROVAL: job deploy is not an approval job',
    });
    expect(after(waiting.slice(0, 2), approve('hold'))).toEqual({
      error: 'ConflictError JOB.NOT_ON_HOLD: job hold is not waiting for approval yet',
    });
    expect(after(waiting, approve('other'))).toEqual(noJob);
    expect(after([], approve('hold'))).toEqual(noWorkflow);
  });
  it('refuses when the workflow has ended', () => {
    expect(after([...waiting, over('canceled')], approve('hold'))).toEqual({
      error: 'ConflictError WORKFLOW.ENDED: Workflow is already finished',
    });
  });
  it('does nothing a second time', () => {
    expect(after([...waiting, given, ended('hold', 'success'), ready('deploy')], approve('hold'))).toEqual({
      nothing: 'already approved or canceled',
    });
  });
});

describe('CancelWorkflow', () => {
  const running = [created(build, test), ready('build')];
  it('asks running jobs to stop and ends the others', () => {
    expect(after(running, cancel)).toEqual(
      events(canceled, cancelAsked('build'), ended('test', 'canceled', 'canceled by ada', byAda)),
    );
  });
  it('ends the workflow at once when nothing runs', () => {
    const alone = job('hold', [], 'approval');
    expect(after([created(alone), onHold('hold'), statusIs('on_hold')], cancel)).toEqual(
      events(canceled, ended('hold', 'canceled', 'canceled by ada', byAda), over('canceled')),
    );
  });
  it('is canceled in the end, however the last job ended', () => {
    const asked = [...running, canceled, cancelAsked('build'), ended('test', 'canceled')];
    expect(after(asked, reported('build', 'failed'))).toEqual(
      events(ended('build', 'failed'), over('canceled')),
    );
  });
  it('refuses a workflow that is not there', () => {
    expect(after([], cancel)).toEqual(noWorkflow);
  });
  it('does nothing a second time or after the end', () => {
    expect(after([...running, canceled], cancel)).toEqual({ nothing: 'already canceled' });
    expect(after([...running, over('success')], cancel)).toEqual({ nothing: 'the workflow has ended' });
  });
});

describe('CancelWorkflowJob', () => {
  const running = [created(build, test), ready('build')];
  it('asks a running job to stop', () => {
    expect(after(running, cancelJob('build'))).toEqual(events(cancelAsked('build')));
  });
  it('ends one that waits, at once', () => {
    expect(after(running, cancelJob('test'))).toEqual(
      events(ended('test', 'canceled', 'canceled by ada', byAda)),
    );
  });
  it('refuses a job that is not part of it, and a workflow that is not there', () => {
    expect(after(running, cancelJob('other'))).toEqual(noJob);
    expect(after([], cancelJob('build'))).toEqual(noWorkflow);
  });
  it('does nothing a second time or after the end', () => {
    expect(after([...running, cancelAsked('build')], cancelJob('build'))).toEqual({ nothing: 'already so' });
    expect(after([...running, over('success')], cancelJob('build'))).toEqual({
      nothing: 'the workflow has ended',
    });
  });
});

describe('serial groups', () => {
  const queue = { organization: 'gh/acme', pipelineNumber: 7 };
  const lock: WorkflowJob = { ...job('lock', [], 'lock'), serialGroup: 'k' };
  const unlock: WorkflowJob = {
    ...job(
      'unlock',
      ['lock', ['deploy', ['success', 'failed', 'canceled', 'unauthorized', 'not_run']]],
      'unlock',
    ),
    serialGroup: 'k',
  };
  const deploy = job('deploy', ['lock']);
  const jobs = [lock, deploy, unlock];
  const facts = { ...factsOf(jobs), queue };
  const made = event<WorkflowEvent>('WorkflowCreated', facts);
  const ticket = {
    ...queue,
    key: 'k',
    workflowId: 'w1',
    jobId: 'id-lock',
    projectId: 'p1',
    pipelineId: 'pl1',
  };
  const asked = event<WorkflowEvent>('WorkflowLockRequested', { ...ref('lock'), ticket });
  const released = event<WorkflowEvent>('WorkflowLockReleased', { ...ref('lock'), ticket });
  const needs = (required: string, status: string): EndReason[] => [
    { type: 'requirement', job: required, statuses: ['success'], status },
  ];
  const inside = [made, asked, ended('lock', 'success'), ready('deploy')];

  it('a lock job asks for the lock, and nothing behind it runs before it has it', () => {
    expect(after([], { type: 'CreateWorkflow', ...facts })).toEqual(events(made, asked));
    expect(after([made, asked], reported('lock', 'success'))).toEqual(
      events(ended('lock', 'success'), ready('deploy')),
    );
  });
  it('gives the lock back however the job ended', () => {
    expect(after(inside, reported('deploy', 'failed'))).toEqual(
      events(ended('deploy', 'failed'), ended('unlock', 'success'), released, over('failed')),
    );
  });
  it('does not run what it did not get the lock for', () => {
    const reason = 'pipeline 8 of the project is ahead in serial group k';
    expect(after([made, asked], { ...reported('lock', 'not_run'), reason } as WorkflowCommand)).toEqual(
      events(
        ended('lock', 'not_run', reason),
        ended('deploy', 'not_run', 'requires lock: success, but it ended not_run', needs('lock', 'not_run')),
        ended('unlock', 'not_run', 'requires lock: success, but it ended not_run', needs('lock', 'not_run')),
        released,
        over('success'),
      ),
    );
  });
  it('gives up its place in the queue when it is canceled', () => {
    const by = 'canceled by ada';
    expect(after([made, asked], cancel)).toEqual(
      events(
        canceled,
        ended('lock', 'canceled', by, byAda),
        ended('deploy', 'canceled', by, byAda),
        ended('unlock', 'canceled', by, byAda),
        released,
        over('canceled'),
      ),
    );
  });
  it('keeps the lock while a canceled job is still being stopped', () => {
    expect(after(inside, cancel)).toEqual(events(canceled, cancelAsked('deploy')));
    expect(after([...inside, canceled, cancelAsked('deploy')], reported('deploy', 'canceled'))).toEqual(
      events(ended('deploy', 'canceled'), ended('unlock', 'success'), released, over('canceled')),
    );
  });
  it('keeps the lock while another job of the group runs on', () => {
    const smoke = job('smoke', ['lock']);
    const end = job('end', ['deploy', 'smoke'], 'no-op');
    const last: WorkflowJob = {
      ...unlock,
      requires: [unlock.requires[0]!, { job: 'end', statuses: ['not_run'] }],
    };
    const group = { ...factsOf([lock, deploy, smoke, end, last]), queue };
    const both = [
      event<WorkflowEvent>('WorkflowCreated', group),
      asked,
      ended('lock', 'success'),
      ready('deploy'),
      ready('smoke'),
    ];
    const failed = [
      ended('deploy', 'failed'),
      ended('end', 'not_run', 'requires deploy: success, but it ended failed', needs('deploy', 'failed')),
    ];
    expect(after(both, reported('deploy', 'failed'))).toEqual(events(...failed, statusIs('failing')));
    expect(after([...both, ...failed, statusIs('failing')], reported('smoke', 'success'))).toEqual(
      events(ended('smoke', 'success'), ended('unlock', 'success'), released, over('failed')),
    );
  });
  it('gives the lock away when somebody cancels the job that would give it back', () => {
    expect(after(inside, cancelJob('unlock'))).toEqual(
      events(ended('unlock', 'canceled', 'canceled by ada', byAda), released),
    );
  });
  it('gives back at the end what no job gives back', () => {
    const alone = { ...factsOf([lock]), queue };
    const given = [event<WorkflowEvent>('WorkflowCreated', alone), asked];
    expect(after(given, reported('lock', 'success'))).toEqual(
      events(ended('lock', 'success'), released, over('success')),
    );
  });
  it('refuses a lock in a workflow that does not say where it is shared', () => {
    expect(after([], create(lock))).toEqual({
      error: 'InvalidInputError WORKFLOW.LOCK: lock job lock has no serial group to wait in',
    });
  });
});

describe('jobs that no machine runs', () => {
  it('a release fails, and says why', () => {
    const release = job('release', [], 'release');
    expect(after([], create(release))).toEqual(
      events(
        created(release),
        ended('release', 'failed', 'a release job needs a release agent, and this server knows none'),
        over('failed'),
      ),
    );
  });
});
