// The table of who has and who waits for the locks of serial groups.
import { deleteRows, insertRows, upsertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { SerialGroupTicketEntity } from './serial-group.entity.js';
import type { SerialGroupEvent } from './serial-group.events.js';

export class SerialGroupProjection implements Projection {
  readonly name = 'serial-groups';
  readonly tables = ['serial_group_ticket'];
  readonly eventTypes = [
    'SerialGroupJoined',
    'SerialGroupLockTaken',
    'SerialGroupPassedOver',
    'SerialGroupLeft',
    'SerialGroupWaitExpired',
  ] satisfies SerialGroupEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events)
      await this.one(recorded as RecordedEvent & SerialGroupEvent, recorded.time, db);
  }

  private async one({ type, data }: SerialGroupEvent, since: Date, db: RowWriter): Promise<void> {
    const { groupId, ticket } = data;
    const { jobId, organization, key, workflowId, projectId, pipelineNumber } = ticket;
    const row = { jobId, groupId, organization, key, workflowId, projectId, pipelineNumber, since };
    switch (type) {
      case 'SerialGroupJoined':
        await insertRows(db, SerialGroupTicketEntity, { ...row, state: 'waiting' });
        break;
      case 'SerialGroupLockTaken':
        await upsertRows(db, SerialGroupTicketEntity, { ...row, state: 'holding' });
        break;
      default:
        await deleteRows(db, SerialGroupTicketEntity, { jobId });
    }
  }
}
