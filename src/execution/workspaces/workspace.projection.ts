// The table of workspace layers.
import { insertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { WorkspaceLayerEntity } from './workspace.entity.js';
import type { WorkspaceLayerAdded } from './workspace.events.js';

export class WorkspaceProjection implements Projection {
  readonly name = 'workspaces';
  readonly tables = ['workspace_layer'];
  readonly eventTypes = ['WorkspaceLayerAdded'] satisfies WorkspaceLayerAdded['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { layerId, size, ...facts } = (recorded as RecordedEvent & WorkspaceLayerAdded).data;
      await insertRows(db, WorkspaceLayerEntity, {
        ...facts,
        id: layerId,
        size: String(size),
        createdAt: recorded.time,
      });
    }
  }
}
