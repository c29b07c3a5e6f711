// Commands on workflows.
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { derivedId } from '../../platform/ids/ids.js';
import type { LogPosition } from '../../platform/event-store/event-store.port.js';
import { workflowDecider, type WorkflowCommand, type WorkflowState } from './workflow.decider.js';
import type { WorkflowEvent, WorkflowJob } from './workflow.events.js';
import { locksAround } from './workflow-locks.js';

export class OnWorkflow extends Command<Outcome<WorkflowState, WorkflowEvent>> {
  constructor(
    readonly command: WorkflowCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnWorkflow)
export class OnWorkflowHandler implements ICommandHandler<OnWorkflow> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnWorkflow): Promise<Outcome<WorkflowState, WorkflowEvent>> {
    const begins = command.type === 'CreateWorkflow';
    return this.aggregates.execute(workflowDecider, `workflow-${command.workflowId}`, command, context, {
      begins,
    });
  }
}

export interface RerunRequest {
  workflowId: string;
  fromFailed: boolean;
  /** Only these jobs (their ids) and what follows them; with `fromFailed` it may not be given. */
  jobIds?: string[];
  /** Of the jobs that run again, only the tests that failed, as far as they are told apart (LANGUAGE C-329). */
  failedTests?: boolean;
  startedBy: string;
  /** Set when nobody asked for it: the number of the automatic rerun. */
  autoRerunNumber?: number;
}

/** Runs an ended workflow again as a new workflow of the same pipeline (LANGUAGE C-326, C-327). */
export class RerunWorkflow extends Command<{ workflowId: string; position: LogPosition }> {
  constructor(
    readonly request: RerunRequest,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RerunWorkflow)
export class RerunWorkflowHandler implements ICommandHandler<RerunWorkflow> {
  constructor(private readonly aggregates: Aggregates) {}

  async execute({ request, context }: RerunWorkflow): Promise<{ workflowId: string; position: LogPosition }> {
    const { state } = await this.aggregates.load(workflowDecider, `workflow-${request.workflowId}`);
    const jobs = jobsOfRerun(state, request, context.commandId);
    const workflowId = derivedId(context.commandId, 'workflow');
    const { pipelineId, projectId, name, workspaceId, phase, maxAutoReruns, queue } = state.facts!;
    const { autoRerunNumber } = request;
    const facts = {
      workflowId,
      pipelineId,
      projectId,
      name,
      workspaceId,
      jobs,
      startedBy: request.startedBy,
      rerunOf: request.workflowId,
      ...(request.failedTests && { failedTestsOf: request.workflowId }),
      ...(phase && { phase }),
      ...(queue && { queue }),
      ...(maxAutoReruns !== undefined && { maxAutoReruns }),
      ...(autoRerunNumber !== undefined && { autoRerunNumber }),
    };
    const command = { type: 'CreateWorkflow', ...facts } as const;
    const outcome = await this.aggregates.execute(
      workflowDecider,
      `workflow-${workflowId}`,
      command,
      context,
      { begins: true },
    );
    return { workflowId, position: 'appended' in outcome ? outcome.appended.position : '' };
  }
}

/** The graph of the new workflow: which jobs run again, which are carried over as they succeeded. */
export function jobsOfRerun(
  state: WorkflowState,
  request: Omit<RerunRequest, 'startedBy'>,
  seed: string,
): WorkflowJob[] {
  if (!state.facts) throw new NotFoundError('WORKFLOW.NOT_FOUND', 'Workflow not found');
  if (request.fromFailed && request.jobIds) {
    throw new InvalidInputError('RERUN.BOTH', 'from_failed and jobs are mutually exclusive');
  }
  if (request.fromFailed && !state.ended)
    throw new ConflictError('RERUN.RUNNING', 'Workflow is not finished yet');
  for (const id of request.jobIds ?? []) {
    if (!state.jobs.has(id))
      throw new InvalidInputError('RERUN.JOB', `job ${id} is not part of the workflow`);
  }
  const jobs = [...state.jobs.values()];
  const again = new Set<string>();
  const locks = new Map(jobs.map((job) => [job.name, locksAround(job, jobs)]));
  // A job runs again when it was asked for, or had not succeeded, or follows one that runs again.
  for (let moved = true; moved;) {
    moved = false;
    for (const job of jobs) {
      if (again.has(job.name)) continue;
      const own = request.jobIds
        ? request.jobIds.includes(job.id)
        : !request.fromFailed || (job.status !== 'success' && job.type !== 'unlock');
      if (own || job.requires.some((r) => again.has(r.job))) {
        // A job of a serial group runs under its lock, and with all the others that do (C-309).
        for (const name of [job.name, ...locks.get(job.name)!]) again.add(name);
        moved = true;
      }
    }
  }
  if (again.size === 0)
    throw new InvalidInputError('RERUN.NOTHING_FAILED', 'Workflow has no failed jobs to rerun');
  const kept = jobs.filter((job) => again.has(job.name) || job.status === 'success');
  const names = new Set(kept.map((job) => job.name));
  return kept.map(({ id, name, type, requires, serialGroup }) => ({
    id: again.has(name) ? derivedId(seed, 'job', name) : id,
    name,
    type,
    ...(serialGroup !== undefined && { serialGroup }),
    requires: requires.filter((r) => names.has(r.job)),
    ...(again.has(name) ? {} : { carriedOver: true }),
  }));
}
