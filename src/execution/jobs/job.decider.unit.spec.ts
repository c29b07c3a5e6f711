// What a job allows: queued once, ended when each of its tasks has, with the worst of their results.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import type { JobDefinition } from '../../pipelines/index.js';
import type { TaskStatus } from '../protocol/index.js';
import { jobDecider, type JobCommand } from './job.decider.js';
import type { JobEvent, JobFacts } from './job.events.js';

const facts: JobFacts = {
  jobId: 'j1',
  workflowId: 'w1',
  pipelineId: 'pl1',
  projectId: 'p1',
  workspaceId: 'w1',
  name: 'build',
  number: 1,
  contexts: [],
  definition: { parallelism: 2 } as JobDefinition,
  taskIds: ['t1', 't2'],
};
const ids = { jobId: 'j1', workflowId: 'w1', pipelineId: 'pl1', projectId: 'p1' };
const queued = event<JobEvent>('JobQueued', facts);
const started = event<JobEvent>('JobStarted', { jobId: 'j1' });
const taskEnded = (taskId: string, status: TaskStatus) =>
  event<JobEvent>('JobTaskEnded', { jobId: 'j1', taskId, status });
const cancelRequested = event<JobEvent>('JobCancelRequested', {
  jobId: 'j1',
  taskIds: ['t1', 't2'],
  canceledBy: 'ada',
});
const ended = event<JobEvent>('JobEnded', { ...ids, status: 'success' });
const queue: JobCommand = { type: 'QueueJob', ...facts };
const start: JobCommand = { type: 'RecordTaskStart', jobId: 'j1', taskId: 't1' };
const end = (taskId: string, status: TaskStatus): JobCommand => ({
  type: 'RecordTaskEnd',
  jobId: 'j1',
  taskId,
  status,
});
const cancel: JobCommand = { type: 'CancelJob', jobId: 'j1', canceledBy: 'ada' };
const after = (given: JobEvent[], command: JobCommand) => decideAfter(jobDecider, given, command);
const notFound = { error: 'NotFoundError JOB.NOT_FOUND: Job not found' };

describe('QueueJob', () => {
  it('records the job with its facts', () => {
    expect(after([], queue)).toEqual({ events: [['JobQueued', facts]] });
  });
  it('does nothing a second time', () => {
    expect(after([queued], queue)).toEqual({ nothing: 'already queued' });
  });
});

describe('RecordTaskStart', () => {
  it('starts the job with the first of its tasks', () => {
    expect(after([queued], start)).toEqual({ events: [['JobStarted', { jobId: 'j1' }]] });
  });
  it('refuses a job that is not there', () => {
    expect(after([], start)).toEqual(notFound);
  });
  it('does nothing for the other tasks, or after the end', () => {
    expect(after([queued, started], start)).toEqual({ nothing: 'already started' });
    expect(after([queued, ended], start)).toEqual({ nothing: 'already started' });
  });
});

describe('RecordTaskEnd', () => {
  it('waits for the other tasks', () => {
    expect(after([queued], end('t2', 'success'))).toEqual({
      events: [['JobTaskEnded', { jobId: 'j1', taskId: 't2', status: 'success' }]],
    });
  });
  it.each<[TaskStatus, TaskStatus, TaskStatus]>([
    ['success', 'success', 'success'],
    ['failed', 'success', 'failed'],
    ['success', 'failed', 'failed'],
    ['failed', 'timedout', 'timedout'],
    ['infrastructure_fail', 'timedout', 'infrastructure_fail'],
    ['failed', 'canceled', 'canceled'],
  ])('ends the job when all ended: %s and %s make %s', (first, second, status) => {
    expect(after([queued, taskEnded('t1', first)], end('t2', second))).toEqual({
      events: [
        ['JobTaskEnded', { jobId: 'j1', taskId: 't2', status: second }],
        ['JobEnded', { ...ids, status }],
      ],
    });
  });
  it('refuses a job that is not there', () => {
    expect(after([], end('t1', 'success'))).toEqual(notFound);
  });
  it('does nothing about an end that is known, or a task of another job', () => {
    const known = { nothing: 'the end of this task is known' };
    expect(after([queued, taskEnded('t1', 'failed')], end('t1', 'success'))).toEqual(known);
    expect(after([queued], end('t9', 'success'))).toEqual(known);
  });
});

describe('CancelJob', () => {
  it('asks those tasks to stop that have not ended', () => {
    expect(after([queued, taskEnded('t1', 'success')], cancel)).toEqual({
      events: [['JobCancelRequested', { jobId: 'j1', taskIds: ['t2'], canceledBy: 'ada' }]],
    });
  });
  it('refuses a job that is not there', () => {
    expect(after([], cancel)).toEqual(notFound);
  });
  it('does nothing a second time or after the end', () => {
    expect(after([queued, cancelRequested], cancel)).toEqual({ nothing: 'already asked to stop' });
    expect(after([queued, ended], cancel)).toEqual({ nothing: 'the job has ended' });
  });
});
