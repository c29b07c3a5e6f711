// Commands on the variables of projects.
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import {
  projectVariableDecider,
  type ProjectVariableCommand,
  type ProjectVariableState,
} from './project-variable.decider.js';
import type { ProjectVariableEvent } from './project-variable.events.js';

export class OnProjectVariable extends Command<Outcome<ProjectVariableState, ProjectVariableEvent>> {
  constructor(
    readonly command: ProjectVariableCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnProjectVariable)
export class OnProjectVariableHandler implements ICommandHandler<OnProjectVariable> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({
    command,
    context,
  }: OnProjectVariable): Promise<Outcome<ProjectVariableState, ProjectVariableEvent>> {
    const stream = `projectVariables-${command.projectId}`;
    return this.aggregates.execute(projectVariableDecider, stream, command, context);
  }
}
