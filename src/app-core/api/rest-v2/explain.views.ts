// Why a part of a pipeline does not run, or what it waits for, as REST v2 shows it.
import { offers, type JobEntity, type SightedAgent, type TaskEntity } from '../../../execution/index.js';
import {
  reasonText,
  type NotRunReason,
  type PipelineEntity,
  type PipelineNotRunEntity,
  type SerialGroupTicketEntity,
  type WorkflowJobEntity,
} from '../../../pipelines/index.js';
import type { ExplanationView, ReasonView } from './explain.schemas.js';
import { jobStatus } from './workflows.views.js';

export interface JobSurroundings {
  /** Jobs of workflows by workflow id and job id, and by workflow id and name. */
  places: ReadonlyMap<string, WorkflowJobEntity>;
  byName: ReadonlyMap<string, WorkflowJobEntity>;
  jobs: ReadonlyMap<string, JobEntity>;
  /** A queued run of each job that has one. */
  tasks: ReadonlyMap<string, TaskEntity>;
  agents: readonly SightedAgent[];
  /** What lock jobs wait for by job id, and who has the lock by group id. */
  tickets: ReadonlyMap<string, SerialGroupTicketEntity>;
  holders: ReadonlyMap<string, SerialGroupTicketEntity>;
}

/** Of a pipeline that has not come to its workflows. */
export function pipelineExplanation({ state, errors }: PipelineEntity): ExplanationView[] {
  const kind = 'pipeline';
  if (state === 'errored') {
    const reasons = errors.map(({ message }) => ({ type: 'config' as const, message }));
    return [{ kind, outcome: 'errored', reasons }];
  }
  const message = 'its config is not compiled yet';
  return [{ kind, outcome: 'waiting', reasons: [{ type: 'config', message }] }];
}

export function notRunView({ workflow, job, reasons }: PipelineNotRunEntity): ExplanationView {
  return {
    kind: job === null ? 'workflow' : 'job',
    outcome: job === null ? 'not_created' : 'not_run',
    ...(workflow === null ? {} : { workflow }),
    ...(job === null ? {} : { job }),
    reasons: reasons.map(reasonView),
  };
}

function reasonView(reason: NotRunReason): ReasonView {
  return { message: reasonText(reason), ...reason };
}

/** Undefined for a job that needs no explanation: it runs, or is about to. */
export function workflowJobExplanation(
  row: WorkflowJobEntity,
  workflow: string,
  around: JobSurroundings,
): ExplanationView | undefined {
  const reasons = row.phase === 'ended' ? endReasons(row) : waitingReasons(row, around);
  if (reasons.length === 0) return undefined;
  return {
    kind: 'job',
    outcome: row.phase === 'ended' ? 'not_run' : 'waiting',
    workflow,
    workflow_id: row.workflowId,
    job: row.name,
    job_id: row.jobId,
    reasons,
  };
}

/** A job that was stopped while it ran did run. */
function endReasons({ why, reason, status }: WorkflowJobEntity): ReasonView[] {
  if (why) {
    return why.map((one) =>
      one.type === 'canceled'
        ? { type: 'canceled', message: `it was canceled by ${one.by}` }
        : reasonView(one),
    );
  }
  if (reason !== null) return [{ type: status === 'canceled' ? 'canceled' : 'other', message: reason }];
  return status === 'not_run' ? [{ type: 'other', message: 'it did not run' }] : [];
}

function waitingReasons(row: WorkflowJobEntity, around: JobSurroundings): ReasonView[] {
  switch (row.phase) {
    case 'on_hold':
      return [{ type: 'approval', message: 'it waits for an approval' }];
    case 'blocked':
      return row.requires.flatMap(({ job, statuses }) => {
        const required = around.byName.get(`${row.workflowId} ${job}`);
        if (!required || required.phase === 'ended') return [];
        const status = jobStatus(required, around.jobs.get(required.jobId));
        const message = `it waits for ${job} to end ${statuses.join(' or ')}; that is ${status}`;
        return [{ type: 'requirement' as const, message, job, statuses, status }];
      });
    case 'ready': {
      const task = around.tasks.get(row.jobId);
      return task ? [agentReason(task, around.agents)] : [];
    }
    case 'queued': {
      const ticket = around.tickets.get(row.jobId);
      return ticket ? [turnReason(ticket, around.holders.get(ticket.groupId))] : [];
    }
    case 'ended':
      return [];
  }
}

function turnReason(
  { key }: SerialGroupTicketEntity,
  holder: SerialGroupTicketEntity | undefined,
): ReasonView {
  const message = `it waits its turn in serial group ${key}`;
  if (!holder) return { type: 'serial_group', message, key };
  const { workflowId } = holder;
  return {
    type: 'serial_group',
    message: `${message}: workflow ${workflowId} is in it`,
    key,
    workflow_id: workflowId,
  };
}

function agentReason({ executor, resourceClass }: TaskEntity, agents: readonly SightedAgent[]): ReasonView {
  const fitting = agents.filter((agent) => offers(agent, executor, resourceClass));
  const kind = `executor ${executor} and resource class ${resourceClass}`;
  const names = fitting.map(({ name }) => name).join(', ');
  return {
    type: fitting.length > 0 ? 'agents_busy' : 'no_agent',
    message:
      fitting.length > 0
        ? `it waits its turn: an agent that takes it is busy (${names})`
        : agents.length > 0
          ? `no agent takes ${kind}; there are: ${agents.map(agentText).join('; ')}`
          : `no agent takes ${kind}: none asks for work`,
    executor,
    resource_class: resourceClass,
    agents: (fitting.length > 0 ? fitting : agents).map(({ name, executors, resourceClasses }) => ({
      name,
      executors,
      resource_classes: resourceClasses,
    })),
  };
}

function agentText({ name, executors, resourceClasses }: SightedAgent): string {
  return `${name} (${executors.join(', ')}; ${resourceClasses.includes('*') ? 'any class' : resourceClasses.join(', ')})`;
}
