// Deletes the blobs of caches and workspace layers that were removed: after the fact, so that none is lost before it.
import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../platform/blobs/blob-store.port.js';
import type { RecordedEvent } from '../platform/event-store/event-store.port.js';
import type { ProcessManager } from '../platform/followers/follower.types.js';
import { BLOB_STORE } from '../platform/tokens.js';
import type { CacheRemoved } from './caches/cache.events.js';
import type { WorkspaceLayerRemoved } from './workspaces/workspace.events.js';

type Followed = CacheRemoved | WorkspaceLayerRemoved;

@Injectable()
export class RemovedFilesProcessManager implements ProcessManager {
  readonly name = 'removed-files';
  readonly eventTypes = ['CacheRemoved', 'WorkspaceLayerRemoved'] satisfies Followed['type'][];

  constructor(@Inject(BLOB_STORE) private readonly blobs: BlobStore) {}

  async react(event: RecordedEvent): Promise<void> {
    await this.blobs.delete((event as RecordedEvent & Followed).data.blobKey);
  }
}
