// The table of caches.
import { insertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { CacheEntity } from './cache.entity.js';
import type { CacheSaved } from './cache.events.js';

export class CacheProjection implements Projection {
  readonly name = 'caches';
  readonly tables = ['cache'];
  readonly eventTypes = ['CacheSaved'] satisfies CacheSaved['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { cacheId, projectId, key, jobNumber, size, sha256, blobKey } = (
        recorded as RecordedEvent & CacheSaved
      ).data;
      await insertRows(db, CacheEntity, {
        id: cacheId,
        projectId,
        key,
        jobNumber,
        size: String(size),
        sha256,
        blobKey,
        createdAt: recorded.time,
      });
    }
  }
}
