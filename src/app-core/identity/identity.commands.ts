// Commands on users and their tokens.
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { identityDecider, type IdentityCommand, type IdentityState } from './identity.decider.js';
import type { IdentityEvent } from './identity.events.js';

export class OnUser extends Command<Outcome<IdentityState, IdentityEvent>> {
  constructor(
    readonly command: IdentityCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnUser)
export class OnUserHandler implements ICommandHandler<OnUser> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnUser): Promise<Outcome<IdentityState, IdentityEvent>> {
    return this.aggregates.execute(identityDecider, `user-${command.userId}`, command, context);
  }
}
