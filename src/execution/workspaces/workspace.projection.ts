// The table of workspace layers that are stored: by it those are found whose time is over.
import { deleteRows, insertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { WorkspaceLayerEntity } from './workspace.entity.js';
import type { WorkspaceEvent } from './workspace.events.js';

export class WorkspaceProjection implements Projection {
  readonly name = 'workspaces';
  readonly tables = ['workspace_layer'];
  readonly eventTypes = ['WorkspaceLayerAdded', 'WorkspaceLayerRemoved'] satisfies WorkspaceEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & WorkspaceEvent;
      if (type === 'WorkspaceLayerRemoved') {
        await deleteRows(db, WorkspaceLayerEntity, { id: data.layerId });
        continue;
      }
      const { layerId, size, ...facts } = data;
      await insertRows(db, WorkspaceLayerEntity, {
        ...facts,
        id: layerId,
        size: String(size),
        createdAt: recorded.time,
      });
    }
  }
}
