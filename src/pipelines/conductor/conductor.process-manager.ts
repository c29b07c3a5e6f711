// Makes the workflows of a compiled pipeline.
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { reactionContext } from '../../platform/commands/command-context.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import { derivedId } from '../../platform/ids/ids.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import type { PlannedWorkflow } from '../config/index.js';
import type { PipelineCompiled } from '../triggers/pipeline.events.js';
import { OnWorkflow } from './workflow.commands.js';
import type { WorkflowFacts } from './workflow.events.js';

@Injectable()
export class Conductor implements ProcessManager {
  readonly name = 'conductor';
  readonly eventTypes = ['PipelineCompiled'] satisfies PipelineCompiled['type'][];

  constructor(private readonly commands: CommandBus) {}

  async react(event: RecordedEvent): Promise<void> {
    const { data } = event as RecordedEvent & PipelineCompiled;
    for (const [index, workflow] of data.workflows.entries()) {
      const command = { type: 'CreateWorkflow', ...workflowFacts(event, data, workflow, index) } as const;
      await this.commands.execute(new OnWorkflow(command, reactionContext(event, 'workflow', index)));
    }
  }
}

function workflowFacts(
  event: RecordedEvent,
  data: PipelineCompiled['data'],
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
