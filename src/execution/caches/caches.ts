// Caches: found by key prefix, newest first; written once per key (LANGUAGE C-266 to C-268).
import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import { InvalidInputError } from '../../platform/errors/errors.js';
import {
  WrongExpectedRevisionError,
  type EventMetadata,
  type EventStore,
} from '../../platform/event-store/event-store.port.js';
import { nameId } from '../../platform/ids/ids.js';
import { BLOB_STORE, EVENT_STORE } from '../../platform/tokens.js';
import { CacheEntity } from './cache.entity.js';
import type { CacheSaved } from './cache.events.js';

/** LANGUAGE C-269. */
const MAX_KEY = 900;

@Injectable()
export class Caches {
  constructor(
    private readonly database: DataSource,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

  /** The cache that the first matching key selects: any stored key that begins with it, the newest of them. */
  async find(projectId: string, keys: readonly string[]): Promise<CacheEntity | undefined> {
    for (const key of keys) {
      const found = await this.database.manager
        .createQueryBuilder(CacheEntity, 'cache')
        .where('cache.project_id = :projectId AND starts_with(cache.key, :key)', { projectId, key })
        .orderBy('cache.created_at', 'DESC')
        .addOrderBy('cache.id', 'DESC')
        .limit(1)
        .getOne();
      if (found) return found;
    }
    return undefined;
  }

  open(cache: CacheEntity): Promise<Readable> {
    return this.blobs.get(cache.blobKey);
  }

  /** True when a cache has exactly this key, also one that the read model has not seen yet. */
  async exists(projectId: string, key: string): Promise<boolean> {
    return (await this.store.readStream(`cache-${cacheId(projectId, key)}`, 0, 1)).length > 0;
  }

  /** Stores a cache. False when the key is taken: then nothing is changed. */
  async save(
    facts: { projectId: string; key: string; jobNumber: number; saveId: string },
    content: Readable,
    by: EventMetadata,
  ): Promise<boolean> {
    const { projectId, key, jobNumber, saveId } = facts;
    if (key === '' || key.length > MAX_KEY) {
      throw new InvalidInputError(
        'CACHE.KEY',
        `a cache key has 1 to ${MAX_KEY} characters, this one has ${key.length}`,
      );
    }
    const id = cacheId(projectId, key);
    if (await this.exists(projectId, key)) {
      content.resume();
      return false;
    }
    const blobKey = `caches/${projectId}/${id}/${saveId}`;
    const { size, sha256 } = await this.blobs.put(blobKey, content);
    const data: CacheSaved['data'] = { cacheId: id, projectId, key, jobNumber, size, sha256, blobKey };
    try {
      await this.store.append(`cache-${id}`, 'none', [{ type: 'CacheSaved', data }], by);
      return true;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevisionError)) throw error;
      // Another job saved the same key meanwhile: the first writer wins.
      await this.blobs.delete(blobKey);
      return false;
    }
  }
}

function cacheId(projectId: string, key: string): string {
  return nameId('cache', `${projectId}/${key}`);
}
