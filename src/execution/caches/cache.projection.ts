// The table of caches: those that can be found.
import { deleteRows, insertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { CacheEntity } from './cache.entity.js';
import type { CacheEvent } from './cache.events.js';

export class CacheProjection implements Projection {
  readonly name = 'caches';
  readonly tables = ['cache'];
  readonly eventTypes = ['CacheSaved', 'CacheRemoved'] satisfies CacheEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & CacheEvent;
      if (type === 'CacheRemoved') {
        await deleteRows(db, CacheEntity, { id: data.cacheId });
        continue;
      }
      const { cacheId, projectId, scope, key, jobNumber, size, sha256, blobKey, paths, retentionDays } = data;
      await insertRows(db, CacheEntity, {
        ...{
          id: cacheId,
          projectId,
          scope: scope ?? '',
          key,
          jobNumber,
          size: String(size),
          sha256,
          blobKey,
        },
        ...{ paths: paths ?? [], retentionDays: retentionDays ?? null, createdAt: recorded.time },
      });
    }
  }
}
