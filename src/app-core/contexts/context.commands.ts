// Commands on contexts.
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { contextDecider, type ContextCommand, type ContextState } from './context.decider.js';
import type { ContextEvent } from './context.events.js';

export class OnContext extends Command<Outcome<ContextState, ContextEvent>> {
  constructor(
    readonly command: ContextCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnContext)
export class OnContextHandler implements ICommandHandler<OnContext> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnContext): Promise<Outcome<ContextState, ContextEvent>> {
    return this.aggregates.execute(contextDecider, `context-${command.contextId}`, command, context);
  }
}
