// Commands on tasks.
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { taskDecider, type TaskCommand, type TaskState } from './task.decider.js';
import type { TaskEvent } from './task.events.js';

export class OnTask extends Command<Outcome<TaskState, TaskEvent>> {
  constructor(
    readonly command: TaskCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnTask)
export class OnTaskHandler implements ICommandHandler<OnTask> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnTask): Promise<Outcome<TaskState, TaskEvent>> {
    const begins = command.type === 'ClaimTask';
    return this.aggregates.execute(taskDecider, `task-${command.taskId}`, command, context, { begins });
  }
}
