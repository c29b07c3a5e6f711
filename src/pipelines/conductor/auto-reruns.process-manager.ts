// Runs a failed workflow again from its failed jobs, as often as its config says (LANGUAGE C-312).
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { reactionContext } from '../../platform/commands/command-context.js';
import { Aggregates } from '../../platform/event-store/aggregates.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import { RerunWorkflow } from './workflow.commands.js';
import { workflowDecider } from './workflow.decider.js';
import type { WorkflowEnded, WorkflowFacts } from './workflow.events.js';

@Injectable()
export class AutoReruns implements ProcessManager {
  readonly name = 'automatic-reruns';
  readonly eventTypes = ['WorkflowEnded'] satisfies WorkflowEnded['type'][];

  constructor(
    private readonly commands: CommandBus,
    private readonly aggregates: Aggregates,
  ) {}

  async react(event: RecordedEvent): Promise<void> {
    const { workflowId, status } = (event as RecordedEvent & WorkflowEnded).data;
    // Canceled workflows and those that were not allowed to run are not failed ones.
    if (status !== 'failed') return;
    const { state } = await this.aggregates.load(workflowDecider, `workflow-${workflowId}`);
    const number = nextAutoRerun(state.facts!);
    if (number === undefined) return;
    const { startedBy } = state.facts!;
    const request = { workflowId, fromFailed: true, startedBy, autoRerunNumber: number };
    await this.commands.execute(new RerunWorkflow(request, reactionContext(event, 'auto-rerun')));
  }
}

/**
 * The number of the rerun that follows when this workflow fails: 1 for the first. Undefined when there is none: the
 * config asks for none, there were as many as it asks for, or somebody started this one.
 */
export function nextAutoRerun(facts: WorkflowFacts): number | undefined {
  const { maxAutoReruns = 0, autoRerunNumber = 0, rerunOf } = facts;
  const byHand = rerunOf !== undefined && autoRerunNumber === 0;
  return byHand || autoRerunNumber >= maxAutoReruns ? undefined : autoRerunNumber + 1;
}
