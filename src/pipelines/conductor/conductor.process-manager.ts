// Makes the workflows of a compiled pipeline: of its setup config first, where it has one.
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { reactionContext } from '../../platform/commands/command-context.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import { derivedId } from '../../platform/ids/ids.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import type { PlannedWorkflow } from '../config/index.js';
import { PipelinePlans, type ConfigPhase } from '../triggers/pipeline-plans.js';
import type { CompiledConfig, PipelineCompiled, PipelineSetUp } from '../triggers/pipeline.events.js';
import { OnWorkflow } from './workflow.commands.js';
import type { WorkflowFacts } from './workflow.events.js';

type Followed = PipelineSetUp | PipelineCompiled;

@Injectable()
export class Conductor implements ProcessManager {
  readonly name = 'conductor';
  readonly eventTypes = ['PipelineSetUp', 'PipelineCompiled'] satisfies Followed['type'][];

  constructor(
    private readonly commands: CommandBus,
    private readonly plans: PipelinePlans,
  ) {}

  async react(event: RecordedEvent): Promise<void> {
    const { type, data } = event as RecordedEvent & Followed;
    for (const [index, workflow] of data.workflows.entries()) {
      const facts = workflowFacts(event, data, workflow, index);
      const phase: { phase?: 'setup' } = type === 'PipelineSetUp' ? { phase: 'setup' } : {};
      const locks = facts.jobs.some((job) => job.type === 'lock');
      const queue = locks ? { queue: await this.queueOf(data.pipelineId, phase.phase ?? 'main') } : {};
      const command = { type: 'CreateWorkflow', ...facts, ...phase, ...queue } as const;
      await this.commands.execute(new OnWorkflow(command, reactionContext(event, 'workflow', index)));
    }
  }

  /** Serial groups are shared by the projects of an organization, which is the beginning of a project's slug. */
  private async queueOf(
    pipelineId: string,
    phase: ConfigPhase,
  ): Promise<NonNullable<WorkflowFacts['queue']>> {
    const { request } = await this.plans.get(pipelineId, phase);
    const organization = request.projectSlug.split('/').slice(0, 2).join('/');
    return { organization, pipelineNumber: request.number };
  }
}

function workflowFacts(
  event: RecordedEvent,
  data: CompiledConfig,
  workflow: PlannedWorkflow,
  index: number,
): WorkflowFacts {
  const workflowId = derivedId(event.id, 'workflow', index);
  return {
    workflowId,
    pipelineId: data.pipelineId,
    projectId: data.projectId,
    name: workflow.name,
    jobs: workflow.jobs.map(({ name, type, requires, serialGroup }) => ({
      id: derivedId(workflowId, 'job', name),
      name,
      type,
      requires,
      ...(serialGroup !== undefined && { serialGroup }),
    })),
    startedBy: event.metadata.actor.id,
    workspaceId: workflowId,
    ...(workflow.maxAutoReruns !== undefined && { maxAutoReruns: workflow.maxAutoReruns }),
  };
}
