// Makes the workflows of a compiled pipeline: of its setup config first, where it has one.
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { reactionContext } from '../../platform/commands/command-context.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import { derivedId } from '../../platform/ids/ids.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import type { PlannedWorkflow } from '../config/index.js';
import type { CompiledConfig, PipelineCompiled, PipelineSetUp } from '../triggers/pipeline.events.js';
import { OnWorkflow } from './workflow.commands.js';
import type { WorkflowFacts } from './workflow.events.js';

type Followed = PipelineSetUp | PipelineCompiled;

@Injectable()
export class Conductor implements ProcessManager {
  readonly name = 'conductor';
  readonly eventTypes = ['PipelineSetUp', 'PipelineCompiled'] satisfies Followed['type'][];

  constructor(private readonly commands: CommandBus) {}

  async react(event: RecordedEvent): Promise<void> {
    const { type, data } = event as RecordedEvent & Followed;
    for (const [index, workflow] of data.workflows.entries()) {
      const facts = workflowFacts(event, data, workflow, index);
      const phase = type === 'PipelineSetUp' ? { phase: 'setup' as const } : {};
      const command = { type: 'CreateWorkflow', ...facts, ...phase } as const;
      await this.commands.execute(new OnWorkflow(command, reactionContext(event, 'workflow', index)));
    }
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
    jobs: workflow.jobs.map(({ name, type, requires }) => ({
      id: derivedId(workflowId, 'job', name),
      name,
      type,
      requires,
    })),
    startedBy: event.metadata.actor.id,
    workspaceId: workflowId,
  };
}
