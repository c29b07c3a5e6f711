// Workflows of several projects and pipelines that share a serial group, played to their ends in any order: never two in
// it at once, nobody starves, and a project's older pipeline never goes after a newer one (LANGUAGE C-309).
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  serialGroupDecider,
  type SerialGroupCommand,
  type SerialGroupState,
} from './serial-group.decider.js';
import { outcomeOf, workflowDecider, type WorkflowCommand, type WorkflowState } from './workflow.decider.js';
import type { JobEndStatus, WorkflowEvent, WorkflowJob } from './workflow.events.js';

const requiring = (...names: string[]): WorkflowJob['requires'] =>
  names.map((job) => ({ job, statuses: ['success'] }));
const TERMINAL = ['success', 'failed', 'canceled', 'unauthorized', 'not_run'] as const;

/** first -> [ lock -> deploy -> smoke -> end -> unlock ] -> notify, as a job group with a serial group compiles. */
const JOBS: WorkflowJob[] = [
  { id: '', name: 'first', type: 'build', requires: [] },
  { id: '', name: 'lock', type: 'lock', serialGroup: 'k', requires: requiring('first') },
  { id: '', name: 'deploy', type: 'build', requires: requiring('lock') },
  { id: '', name: 'smoke', type: 'build', requires: requiring('deploy') },
  { id: '', name: 'end', type: 'no-op', requires: requiring('smoke') },
  {
    id: '',
    name: 'unlock',
    type: 'unlock',
    serialGroup: 'k',
    requires: [...requiring('lock'), { job: 'end', statuses: [...TERMINAL] }],
  },
  { id: '', name: 'notify', type: 'build', requires: requiring('end') },
];
const INSIDE = new Set(['deploy', 'smoke']);

interface Run {
  id: string;
  project: string;
  pipeline: number;
}
/** One workflow per pipeline; pipelines of a project are numbered in the order of the list. */
const runs = fc.array(fc.constantFrom('p1', 'p2'), { minLength: 1, maxLength: 6 }).map((projects) =>
  projects.map((project, index): Run => ({
    id: `w${index}`,
    project,
    pipeline: projects.slice(0, index + 1).filter((other) => other === project).length,
  })),
);
const moves = fc.array(
  fc.record({
    pick: fc.nat(),
    end: fc.constantFrom<JobEndStatus>('success', 'success', 'success', 'failed', 'timedout'),
    act: fc.constantFrom('go', 'go', 'go', 'go', 'go', 'go', 'go', 'cancel', 'cancel job', 'expire'),
  }),
  { minLength: 60, maxLength: 60 },
);

type Message = { to: 'group'; command: SerialGroupCommand } | { to: string; command: WorkflowCommand };

class World {
  readonly workflows = new Map<string, WorkflowState>();
  group: SerialGroupState = serialGroupDecider.initialState();
  /** Every moment in which somebody was inside: workflows with a job between lock and unlock that is under way. */
  readonly inside: string[][] = [];
  /** Locks that went to an older pipeline while a newer one of its project waited. */
  readonly outOfOrder: string[] = [];
  /** Reactions that the process manager has not delivered yet, in order. */
  private readonly mail: Message[] = [];

  constructor(list: readonly Run[]) {
    for (const run of list) this.workflows.set(run.id, workflowDecider.initialState());
  }

  start({ id, project, pipeline }: Run): void {
    const jobs = JOBS.map((job) => ({ ...job, id: `${id}-${job.name}` }));
    const facts = { workflowId: id, pipelineId: id, projectId: project, name: 'w', jobs, startedBy: 'u' };
    const queue = { organization: 'o', pipelineNumber: pipeline };
    this.onWorkflow(id, { type: 'CreateWorkflow', ...facts, workspaceId: id, queue });
  }

  onWorkflow(id: string, command: WorkflowCommand): void {
    const state = this.workflows.get(id)!;
    const decision = workflowDecider.decide(command, state);
    if ('nothing' in decision) return;
    this.workflows.set(id, decision.events.reduce(workflowDecider.evolve, state));
    for (const event of decision.events) this.react(event);
    this.look();
  }

  private react({ type, data }: WorkflowEvent): void {
    if (type === 'WorkflowLockRequested') {
      const { ticket } = data;
      this.mail.push({ to: 'group', command: { type: 'JoinSerialGroup', groupId: 'g', ticket } });
    }
    if (type === 'WorkflowLockReleased') {
      const { jobId } = data.ticket;
      this.mail.push({ to: 'group', command: { type: 'LeaveSerialGroup', groupId: 'g', jobId } });
    }
  }

  onGroup(command: SerialGroupCommand): void {
    const decision = serialGroupDecider.decide(command, this.group);
    if ('nothing' in decision) return;
    this.group = decision.events.reduce(serialGroupDecider.evolve, this.group);
    for (const { type, data } of decision.events) {
      const { workflowId, jobId } = data.ticket;
      const statuses = {
        SerialGroupLockTaken: 'success',
        SerialGroupPassedOver: 'not_run',
        SerialGroupWaitExpired: 'canceled',
      } as const;
      const overtaken = this.group.waiting.some(
        (other) =>
          other.projectId === data.ticket.projectId && other.pipelineNumber > data.ticket.pipelineNumber,
      );
      if (type === 'SerialGroupLockTaken' && overtaken) this.outOfOrder.push(workflowId);
      if (type === 'SerialGroupJoined' || type === 'SerialGroupLeft') continue;
      const command = { type: 'ReportJobEnd', workflowId, jobId, status: statuses[type] } as const;
      this.mail.push({ to: workflowId, command });
    }
  }

  /** Delivers the oldest reaction; false when there is none. */
  deliver(): boolean {
    const next = this.mail.shift();
    if (!next) return false;
    if (next.to === 'group') this.onGroup(next.command as SerialGroupCommand);
    else this.onWorkflow(next.to, next.command as WorkflowCommand);
    return true;
  }

  /** Jobs that run now. */
  running(): { workflowId: string; jobId: string }[] {
    return [...this.workflows].flatMap(([workflowId, { jobs }]) =>
      [...jobs.values()]
        .filter(({ phase }) => phase === 'ready')
        .map(({ id }) => ({ workflowId, jobId: id })),
    );
  }

  private look(): void {
    const busy = [...this.workflows].filter(([, { jobs }]) =>
      [...jobs.values()].some(({ name, phase }) => INSIDE.has(name) && phase === 'ready'),
    );
    this.inside.push(busy.map(([id]) => id));
  }
}

function play(list: Run[], turns: { pick: number; end: JobEndStatus; act: string }[]): World {
  const world = new World(list);
  const waiting = [...list];
  for (let turn = 0; turn < 600; turn += 1) {
    const { pick, end, act } = turns[turn % turns.length]!;
    const running = world.running();
    const open = [...world.workflows].filter(([, { facts, ended }]) => facts && !ended);
    if (waiting.length === 0 && open.length === 0 && !world.deliver()) break;
    if (waiting.length > 0 && pick % 3 === 0) world.start(waiting.shift()!);
    else if (act === 'cancel' && turn < 60 && open.length > 0) {
      const [workflowId] = open[pick % open.length]!;
      world.onWorkflow(workflowId, { type: 'CancelWorkflow', workflowId, canceledBy: 'u' });
    } else if (act === 'cancel job' && turn < 60 && open.length > 0) {
      const [workflowId, { jobs }] = open[pick % open.length]!;
      const jobId = [...jobs.keys()][pick % jobs.size]!;
      world.onWorkflow(workflowId, { type: 'CancelWorkflowJob', workflowId, jobId, canceledBy: 'u' });
    } else if (act === 'expire' && turn < 60 && world.group.waiting.length > 0) {
      const { jobId } = world.group.waiting[pick % world.group.waiting.length]!;
      world.onGroup({ type: 'ExpireWait', groupId: 'g', jobId });
    } else if (pick % 2 === 0 && world.deliver()) continue;
    else if (running.length > 0) {
      const { workflowId, jobId } = running[pick % running.length]!;
      world.onWorkflow(workflowId, { type: 'ReportJobEnd', workflowId, jobId, status: end });
    } else if (!world.deliver() && waiting.length > 0) world.start(waiting.shift()!);
  }
  return world;
}

describe('any workflows that share a serial group', () => {
  it('are never inside two at a time unless somebody gave the lock away, and all of them end', () => {
    fc.assert(
      fc.property(runs, moves, (list, turns) => {
        // Canceling an unlock job by hand gives the lock away while its job runs on; that is what it is for.
        const kept = turns.map((turn) => (turn.act === 'cancel job' ? { ...turn, act: 'go' } : turn));
        const world = play(list, kept);
        expect(Math.max(0, ...world.inside.map((busy) => busy.length))).toBeLessThan(2);
        expect([...world.workflows.values()].every(({ ended }) => ended)).toBe(true);
        expect(world.group).toEqual({ waiting: [] });
      }),
      { numRuns: 150 },
    );
  });

  it('end and leave nothing behind, whatever is canceled', () => {
    fc.assert(
      fc.property(runs, moves, (list, turns) => {
        const world = play(list, turns);
        expect([...world.workflows.values()].every(({ ended }) => ended)).toBe(true);
        expect(world.group).toEqual({ waiting: [] });
      }),
      { numRuns: 150 },
    );
  });

  it('never go after a newer pipeline of their project, and never without the lock', () => {
    fc.assert(
      fc.property(runs, moves, (list, turns) => {
        const world = play(list, turns);
        expect(world.outOfOrder).toEqual([]);
        for (const { jobs } of world.workflows.values()) {
          const named = new Map([...jobs.values()].map((job) => [job.name, job]));
          if (named.get('lock')!.status === 'success') continue;
          expect(['not_run', 'canceled']).toContain(outcomeOf(named.get('deploy')!.status!));
        }
      }),
      { numRuns: 150 },
    );
  });
});
