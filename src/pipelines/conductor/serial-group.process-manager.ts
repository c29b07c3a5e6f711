// Between workflows and serial groups: takes their locks to the group, and what the group decides back to them.
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { reactionContext } from '../../platform/commands/command-context.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import { OnSerialGroup, serialGroupId } from './serial-group.commands.js';
import type {
  SerialGroupLockTaken,
  SerialGroupPassedOver,
  SerialGroupWaitExpired,
} from './serial-group.events.js';
import { OnWorkflow } from './workflow.commands.js';
import type { WorkflowLockReleased, WorkflowLockRequested } from './workflow.events.js';
import { WAIT_LIMIT_HOURS } from './serial-group.work.js';

type Followed =
  | WorkflowLockRequested
  | WorkflowLockReleased
  | SerialGroupLockTaken
  | SerialGroupPassedOver
  | SerialGroupWaitExpired;

@Injectable()
export class SerialGroups implements ProcessManager {
  readonly name = 'serial-groups-of-workflows';
  readonly eventTypes = [
    'WorkflowLockRequested',
    'WorkflowLockReleased',
    'SerialGroupLockTaken',
    'SerialGroupPassedOver',
    'SerialGroupWaitExpired',
  ] satisfies Followed['type'][];

  constructor(private readonly commands: CommandBus) {}

  async react(recorded: RecordedEvent): Promise<void> {
    const { type, data } = recorded as RecordedEvent & Followed;
    const context = reactionContext(recorded, 'serial-group');
    const { ticket } = data;
    const { workflowId, jobId } = ticket;
    const groupId = serialGroupId(ticket);
    const report = { type: 'ReportJobEnd', workflowId, jobId } as const;
    switch (type) {
      case 'WorkflowLockRequested':
        await this.commands.execute(new OnSerialGroup({ type: 'JoinSerialGroup', groupId, ticket }, context));
        return;
      case 'WorkflowLockReleased':
        await this.commands.execute(new OnSerialGroup({ type: 'LeaveSerialGroup', groupId, jobId }, context));
        return;
      case 'SerialGroupLockTaken':
        await this.commands.execute(new OnWorkflow({ ...report, status: 'success' }, context));
        return;
      case 'SerialGroupPassedOver': {
        const reason = `pipeline ${data.newerPipeline} of the project is ahead in serial group ${ticket.key}`;
        await this.commands.execute(new OnWorkflow({ ...report, status: 'not_run', reason }, context));
        return;
      }
      case 'SerialGroupWaitExpired': {
        const reason = `waited ${WAIT_LIMIT_HOURS} hours in serial group ${ticket.key}`;
        await this.commands.execute(new OnWorkflow({ ...report, status: 'canceled', reason }, context));
      }
    }
  }
}
