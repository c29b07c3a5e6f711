// Commands on serial groups.
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { nameId } from '../../platform/ids/ids.js';
import {
  serialGroupDecider,
  type SerialGroupCommand,
  type SerialGroupState,
} from './serial-group.decider.js';
import type { SerialGroupEvent } from './serial-group.events.js';
import type { LockTicket } from './workflow.events.js';

export class OnSerialGroup extends Command<Outcome<SerialGroupState, SerialGroupEvent>> {
  constructor(
    readonly command: SerialGroupCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnSerialGroup)
export class OnSerialGroupHandler implements ICommandHandler<OnSerialGroup> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnSerialGroup): Promise<Outcome<SerialGroupState, SerialGroupEvent>> {
    return this.aggregates.execute(serialGroupDecider, `serialGroup-${command.groupId}`, command, context);
  }
}

/** Groups of one key are shared by all projects of an organization, and by no other. */
export function serialGroupId({ organization, key }: Pick<LockTicket, 'organization' | 'key'>): string {
  return nameId('serial-group', `${organization}\0${key}`);
}
