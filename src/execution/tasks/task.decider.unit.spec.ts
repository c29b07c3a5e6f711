// What a task allows: one claim at a time, never run twice after it started, ended once.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import type { StepReport, TaskReport } from '../protocol/index.js';
import { taskDecider, type TaskCommand } from './task.decider.js';
import type { TaskEvent } from './task.events.js';

const ref = { taskId: 't1', jobId: 'j1' };
const agent = { agentId: 'a1', agentName: 'one' };
const claimed = (claim = 1, tokenHash = 'h1') =>
  event<TaskEvent>('TaskClaimed', { ...ref, ...agent, claim, tokenHash });
const started = event<TaskEvent>('TaskStarted', ref);
const requeued = event<TaskEvent>('TaskRequeued', { ...ref, reason: 'lost' });
const cancelRequested = event<TaskEvent>('TaskCancelRequested', ref);
const ended = event<TaskEvent>('TaskEnded', { ...ref, status: 'success' });
const step = (change: Partial<StepReport> = {}): StepReport => ({
  index: 0,
  name: 'checkout',
  type: 'checkout',
  status: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  ...change,
});
const claim: TaskCommand = { type: 'ClaimTask', ...ref, ...agent, tokenHash: 'h1' };
const report = (change: Partial<TaskReport> = {}, tokenHash = 'h1'): TaskCommand => ({
  type: 'ReportTask',
  ...ref,
  tokenHash,
  report: { steps: [], ...change },
});
const cancel: TaskCommand = { type: 'CancelTask', ...ref };
const lose = (number = 1): TaskCommand => ({ type: 'LoseTask', ...ref, claim: number, reason: 'silence' });
const after = (given: TaskEvent[], command: TaskCommand) => decideAfter(taskDecider, given, command);
const claimOver = { error: 'ConflictError TASK.CLAIM_OVER: this claim of the task is over' };

describe('ClaimTask', () => {
  it('records the first claim as number 1', () => {
    expect(after([], claim)).toEqual({
      events: [['TaskClaimed', { ...ref, ...agent, claim: 1, tokenHash: 'h1' }]],
    });
  });
  it('counts on after the task went back to the queue', () => {
    expect(after([claimed(), requeued], claim)).toEqual({
      events: [['TaskClaimed', { ...ref, ...agent, claim: 2, tokenHash: 'h1' }]],
    });
  });
  it.each([
    ['claimed', [claimed()]],
    ['started', [claimed(), started]],
    ['ended', [ended]],
  ])('refuses a task that is %s', (_phase, given) => {
    expect(after(given, claim)).toEqual({ error: 'ConflictError TASK.TAKEN: the task is not waiting' });
  });
});

describe('ReportTask', () => {
  it('records start, steps and end in this order', () => {
    const given = report({ started: true, steps: [step()], finished: { status: 'failed', message: 'no' } });
    expect(after([claimed()], given)).toEqual({
      events: [
        ['TaskStarted', ref],
        ['StepsReported', { ...ref, steps: [step()] }],
        ['TaskEnded', { ...ref, status: 'failed', message: 'no' }],
      ],
    });
  });
  it('records only the news of the steps', () => {
    const known = event<TaskEvent>('StepsReported', { ...ref, steps: [step()] });
    const done = step({ status: 'success', exitCode: 0 });
    expect(after([claimed(), started, known], report({ steps: [step(), step({ index: 1 })] }))).toEqual({
      events: [['StepsReported', { ...ref, steps: [step({ index: 1 })] }]],
    });
    expect(after([claimed(), started, known], report({ steps: [done] }))).toEqual({
      events: [['StepsReported', { ...ref, steps: [done] }]],
    });
  });
  it('refuses whoever does not hold the task', () => {
    expect(after([], report())).toEqual(claimOver);
    expect(after([claimed()], report({}, 'other'))).toEqual(claimOver);
    expect(after([claimed(), ended], report())).toEqual(claimOver);
    expect(after([claimed(), requeued, claimed(2, 'h2')], report({ started: true }))).toEqual(claimOver);
  });
  it('does nothing about what is known; an ended step stays as it ended', () => {
    const known = event<TaskEvent>('StepsReported', { ...ref, steps: [step({ status: 'failed' })] });
    const nothingNew = { nothing: 'nothing new in the report' };
    expect(after([claimed(), started, known], report({ started: true, steps: [step()] }))).toEqual(
      nothingNew,
    );
    expect(after([claimed(), started, known], report({ steps: [step({ status: 'success' })] }))).toEqual(
      nothingNew,
    );
  });
});

describe('CancelTask', () => {
  it('ends a task that no agent has', () => {
    const canceled = { events: [['TaskEnded', { ...ref, status: 'canceled' }]] };
    expect(after([], cancel)).toEqual(canceled);
    expect(after([claimed(), requeued], cancel)).toEqual(canceled);
  });
  it('asks the agent that has it to stop', () => {
    expect(after([claimed(), started], cancel)).toEqual({ events: [['TaskCancelRequested', ref]] });
  });
  it('does nothing a second time or after the end', () => {
    expect(after([claimed(), cancelRequested], cancel)).toEqual({ nothing: 'already asked to stop' });
    expect(after([claimed(), ended], cancel)).toEqual({ nothing: 'the task has ended' });
  });
});

describe('LoseTask', () => {
  it('queues a task again that never started', () => {
    expect(after([claimed()], lose())).toEqual({ events: [['TaskRequeued', { ...ref, reason: 'silence' }]] });
  });
  it('ends one that had started, since it is never run twice', () => {
    expect(after([claimed(), started], lose())).toEqual({
      events: [['TaskEnded', { ...ref, status: 'infrastructure_fail', message: 'silence' }]],
    });
  });
  it('ends one as canceled that was asked to stop', () => {
    const canceled = { events: [['TaskEnded', { ...ref, status: 'canceled', message: 'silence' }]] };
    expect(after([claimed(), cancelRequested], lose())).toEqual(canceled);
    expect(after([claimed(), started, cancelRequested], lose())).toEqual(canceled);
  });
  it('does nothing when no agent has it, or another claim is meant', () => {
    expect(after([], lose())).toEqual({ nothing: 'no agent has the task' });
    expect(after([claimed(), ended], lose())).toEqual({ nothing: 'no agent has the task' });
    expect(after([claimed(), requeued, claimed(2, 'h2')], lose(1))).toEqual({
      nothing: 'another claim than the one that was lost',
    });
  });
});
