// The table of artifacts: a file stored again under its path replaces the earlier one.
import { upsertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { ArtifactEntity } from './artifact.entity.js';
import type { ArtifactStored } from './artifact.events.js';

export class ArtifactProjection implements Projection {
  readonly name = 'artifacts';
  readonly tables = ['artifact'];
  readonly eventTypes = ['ArtifactStored'] satisfies ArtifactStored['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { jobId, nodeIndex, path, size, sha256, blobKey } = (recorded as RecordedEvent & ArtifactStored)
        .data;
      const row = { jobId, nodeIndex, path, size: String(size), sha256, blobKey, createdAt: recorded.time };
      await upsertRows(db, ArtifactEntity, row);
    }
  }
}
