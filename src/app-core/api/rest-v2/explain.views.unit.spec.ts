// Reasons of jobs by their rows: what they wait for, why they did not run, also when an early release recorded it.
import { describe, expect, it } from '@jest/globals';
import type { JobEntity, SightedAgent, TaskEntity } from '../../../execution/index.js';
import type { SerialGroupTicketEntity, WorkflowJobEntity } from '../../../pipelines/index.js';
import { explanationSchema } from './explain.schemas.js';
import { workflowJobExplanation, type JobSurroundings } from './explain.views.js';

const id = (digit: number): string => `00000000-0000-7000-8000-00000000000${digit}`;
const row = (change: Partial<WorkflowJobEntity>): WorkflowJobEntity => ({
  workflowId: id(1),
  jobId: id(2),
  ordinal: 0,
  name: 'deploy',
  type: 'build',
  requires: [],
  phase: 'ended',
  status: null,
  reason: null,
  why: null,
  approvedBy: null,
  canceledBy: null,
  endedAt: null,
  ...change,
});
const linux: SightedAgent = { id: id(8), name: 'linux', executors: ['docker'], resourceClasses: ['small'] };
const around = (change: Partial<JobSurroundings> = {}): JobSurroundings => ({
  places: new Map(),
  byName: new Map(),
  jobs: new Map(),
  tasks: new Map(),
  agents: [linux],
  tickets: new Map(),
  holders: new Map(),
  ...change,
});
const queued = (executor: TaskEntity['executor'], resourceClass: string) =>
  new Map([[id(2), { executor, resourceClass } as TaskEntity]]);
/** Type and words of each reason; what is shown has the documented form. */
const reasons = (change: Partial<WorkflowJobEntity>, more: Partial<JobSurroundings> = {}) => {
  const view = workflowJobExplanation(row(change), 'main', around(more));
  if (view) explanationSchema.parse(view);
  return view?.reasons.map(({ type, message }) => `${type}: ${message}`);
};

describe('jobs that did not run', () => {
  it('say why as it was recorded', () => {
    const why = [
      { type: 'requirement' as const, job: 'a', statuses: ['success' as const], status: 'failed' },
    ];
    expect(reasons({ status: 'not_run', reason: 'x', why })).toEqual([
      'requirement: it requires a to end success, but it ended failed',
    ]);
    expect(reasons({ status: 'canceled', reason: 'x', why: [{ type: 'canceled', by: 'ada' }] })).toEqual([
      'canceled: it was canceled by ada',
    ]);
  });
  it('say in words what an early release recorded in words only', () => {
    expect(reasons({ status: 'not_run', reason: 'requires a: success, but it ended failed' })).toEqual([
      'other: requires a: success, but it ended failed',
    ]);
    expect(reasons({ status: 'canceled', reason: 'canceled by ada' })).toEqual(['canceled: canceled by ada']);
    expect(reasons({ status: 'not_run' })).toEqual(['other: it did not run']);
  });
  it('are not those that were stopped while they ran', () => {
    expect(reasons({ status: 'canceled' })).toBeUndefined();
  });
});

describe('jobs that wait', () => {
  it('for requirements: those that are open, with what they are now', () => {
    const requires = ['a', 'b'].map((job) => ({ job, statuses: ['success' as const] }));
    const byName = new Map([
      [`${id(1)} a`, row({ jobId: id(3), name: 'a', phase: 'ready' })],
      [`${id(1)} b`, row({ jobId: id(4), name: 'b', status: 'success' })],
    ]);
    const jobs = new Map([[id(3), { status: 'running' } as JobEntity]]);
    expect(reasons({ phase: 'blocked', requires }, { byName, jobs })).toEqual([
      'requirement: it waits for a to end success; that is running',
    ]);
  });
  it('for an approval', () => {
    expect(reasons({ phase: 'on_hold', type: 'approval' })).toEqual(['approval: it waits for an approval']);
  });
  it('for their turn in a serial group', () => {
    const lock = { phase: 'queued', type: 'lock' } as const;
    const tickets = new Map([[id(2), { groupId: id(5), key: 'org/prod' } as SerialGroupTicketEntity]]);
    const holders = new Map([[id(5), { workflowId: id(6) } as SerialGroupTicketEntity]]);
    expect(reasons(lock, { tickets, holders })).toEqual([
      `serial_group: it waits its turn in serial group org/prod: workflow ${id(6)} is in it`,
    ]);
    expect(reasons(lock, { tickets })).toEqual(['serial_group: it waits its turn in serial group org/prod']);
  });
  it('for an agent: by executor and resource class', () => {
    const ready = { phase: 'ready' } as const;
    expect(reasons(ready, { tasks: queued('docker', 'small') })).toEqual([
      'agents_busy: it waits its turn: an agent that takes it is busy (linux)',
    ]);
    expect(reasons(ready, { tasks: queued('docker', 'large') })).toEqual([
      'no_agent: no agent takes executor docker and resource class large; there are: linux (docker; small)',
    ]);
    expect(reasons(ready, { tasks: queued('macos', 'small'), agents: [] })).toEqual([
      'no_agent: no agent takes executor macos and resource class small: none asks for work',
    ]);
  });
  it('for nothing once no run of theirs is queued any more', () => {
    expect(reasons({ phase: 'ready' })).toBeUndefined();
  });
});
