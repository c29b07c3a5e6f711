// Whatever the graph and however its jobs end: every job ends exactly once, none starts too early, the end comes last.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JobOutcome } from '../config/index.js';
import { outcomeOf, workflowDecider, type WorkflowCommand, type WorkflowState } from './workflow.decider.js';
import type { JobEndStatus, WorkflowEvent, WorkflowJob } from './workflow.events.js';

const OUTCOMES: JobOutcome[] = ['success', 'failed', 'canceled', 'not_run', 'unauthorized'];
const ENDS: JobEndStatus[] = [
  'success',
  'failed',
  'canceled',
  'unauthorized',
  'infrastructure_fail',
  'timedout',
];

/** A graph without cycles: each job requires only jobs before it. */
const graph = fc
  .array(
    fc.record({
      type: fc.constantFrom<WorkflowJob['type']>('build', 'build', 'approval', 'no-op'),
      requires: fc.array(
        fc.record({
          back: fc.nat(),
          statuses: fc.oneof(fc.constant<JobOutcome[]>(['success']), fc.subarray(OUTCOMES, { minLength: 1 })),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 12 },
  )
  .map((nodes) =>
    nodes.map(({ type, requires }, index): WorkflowJob => {
      const byJob = new Map(
        requires.map(({ back, statuses }) => [`j${index === 0 ? 0 : back % index}`, statuses]),
      );
      const required = index === 0 ? [] : [...byJob].map(([job, statuses]) => ({ job, statuses }));
      return { id: `id-j${index}`, name: `j${index}`, type, requires: required };
    }),
  );

interface Move {
  pick: number;
  end: JobEndStatus;
  cancel: 'no' | 'job' | 'workflow';
}
const moves = fc.array(
  fc.record<Move>({
    pick: fc.nat(),
    end: fc.constantFrom(...ENDS),
    cancel: fc.constantFrom('no', 'no', 'no', 'no', 'no', 'no', 'job', 'workflow'),
  }),
  { minLength: 40, maxLength: 40 },
);

/** Plays moves until the workflow has ended; returns everything that happened. */
function play(jobs: WorkflowJob[], list: Move[]): WorkflowEvent[] {
  const log: WorkflowEvent[] = [];
  let state: WorkflowState = workflowDecider.initialState();
  const run = (command: WorkflowCommand): void => {
    const decision = workflowDecider.decide(command, state);
    if ('nothing' in decision) return;
    for (const next of decision.events) {
      log.push(next);
      state = workflowDecider.evolve(state, next);
    }
  };
  const ids = { workflowId: 'w', pipelineId: 'pl', projectId: 'p', workspaceId: 'w' };
  run({ type: 'CreateWorkflow', ...ids, name: 'all', startedBy: 'u', jobs });
  for (let turn = 0; !state.ended && turn < 200; turn++) {
    const { pick, end, cancel } = list[turn % list.length]!;
    const open = [...state.jobs.values()].filter(({ phase }) => phase !== 'ended');
    const any = open[pick % open.length]!;
    if (cancel === 'workflow') run({ type: 'CancelWorkflow', workflowId: 'w', canceledBy: 'u' });
    if (cancel === 'job') run({ type: 'CancelWorkflowJob', workflowId: 'w', jobId: any.id, canceledBy: 'u' });
    const active = [...state.jobs.values()].filter(({ phase }) => phase === 'ready' || phase === 'on_hold');
    const one = active[pick % Math.max(1, active.length)];
    if (one?.phase === 'ready') run({ type: 'ReportJobEnd', workflowId: 'w', jobId: one.id, status: end });
    if (one?.phase === 'on_hold')
      run({ type: 'ApproveJob', workflowId: 'w', jobId: one.id, approvedBy: 'u' });
  }
  return log;
}

describe('any workflow, however its jobs end', () => {
  it('ends every job exactly once, and itself last', () => {
    fc.assert(
      fc.property(graph, moves, (jobs, list) => {
        const log = play(jobs, list);
        const ends = log.filter((e) => e.type === 'WorkflowJobEnded').map((e) => e.data.jobId);
        expect(ends.sort()).toEqual(jobs.map(({ id }) => id).sort());
        expect(log.filter((e) => e.type === 'WorkflowEnded')).toHaveLength(1);
        expect(log.at(-1)?.type).toBe('WorkflowEnded');
      }),
      { numRuns: 500 },
    );
  });

  it('never starts a job before its requirements are met, nor after it ended, nor twice', () => {
    fc.assert(
      fc.property(graph, moves, (jobs, list) => {
        const outcomes = new Map<string, JobOutcome>();
        const begun = new Set<string>();
        for (const { type, data } of play(jobs, list)) {
          if (type === 'WorkflowJobEnded') outcomes.set(data.name, outcomeOf(data.status));
          if (type !== 'WorkflowJobReady' && type !== 'ApprovalRequested') continue;
          expect(begun.has(data.name) || outcomes.has(data.name)).toBe(false);
          begun.add(data.name);
          for (const { job, statuses } of jobs.find(({ name }) => name === data.name)!.requires) {
            expect(statuses).toContain(outcomes.get(job));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives a reason for every job that did not run, and only for those that can no longer', () => {
    fc.assert(
      fc.property(graph, moves, (jobs, list) => {
        const outcomes = new Map<string, JobOutcome>();
        for (const { type, data } of play(jobs, list)) {
          if (type !== 'WorkflowJobEnded') continue;
          if (data.status === 'not_run') {
            const { requires } = jobs.find(({ name }) => name === data.name)!;
            const unmet = requires.filter(({ job, statuses }) => {
              const outcome = outcomes.get(job);
              return outcome !== undefined && !statuses.includes(outcome);
            });
            expect(unmet.map(({ job }) => `requires ${job}`)).toContain(
              /^requires j\d+/.exec(data.reason ?? '')?.[0],
            );
          }
          outcomes.set(data.name, outcomeOf(data.status));
        }
      }),
      { numRuns: 500 },
    );
  });
});
