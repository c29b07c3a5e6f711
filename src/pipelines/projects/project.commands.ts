// Commands on projects.
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { projectDecider, type ProjectCommand, type ProjectState } from './project.decider.js';
import type { ProjectEvent } from './project.events.js';

export class OnProject extends Command<Outcome<ProjectState, ProjectEvent>> {
  constructor(
    readonly command: ProjectCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnProject)
export class OnProjectHandler implements ICommandHandler<OnProject> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnProject): Promise<Outcome<ProjectState, ProjectEvent>> {
    return this.aggregates.execute(projectDecider, `project-${command.projectId}`, command, context);
  }
}
