// Caches: found by key prefix, newest first; written once per key (LANGUAGE C-266 to C-269).
import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Settings } from '../../../config/settings.js';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import { systemClock, type Clock } from '../../platform/clock/clock.js';
import { Aggregates, type CommandContext } from '../../platform/event-store/aggregates.js';
import type { EventStore } from '../../platform/event-store/event-store.port.js';
import { nameId } from '../../platform/ids/ids.js';
import { BLOB_STORE, EVENT_STORE, SETTINGS } from '../../platform/tokens.js';
import { cacheDecider, checkCacheKey } from './cache.decider.js';
import { CacheEntity } from './cache.entity.js';
import type { CacheEvent } from './cache.events.js';
import { expiredBefore } from './expired-caches.js';

/** Whose caches: a project's, or those of one fork of it. */
export interface CacheOwner {
  projectId: string;
  /** The fork's address. */
  scope?: string;
}

@Injectable()
export class Caches {
  /** Set by tests. */
  clock: Clock = systemClock;

  constructor(
    private readonly database: DataSource,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
    private readonly aggregates: Aggregates,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The cache that the first matching key selects: any stored key that begins with it, the newest of them. */
  async find(
    { projectId, scope = '' }: CacheOwner,
    keys: readonly string[],
  ): Promise<CacheEntity | undefined> {
    for (const key of keys) {
      const found = await this.database.manager
        .createQueryBuilder(CacheEntity, 'cache')
        .where('cache.project_id = :projectId AND cache.scope = :scope', { projectId, scope })
        .andWhere('starts_with(cache.key, :key)', { key })
        .andWhere(`NOT ${expiredBefore('cache')}`, this.expiry())
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

  /** When the cache with exactly this key was saved, also one that the read model has not seen yet; undefined without one. */
  async savedAt(owner: CacheOwner, key: string): Promise<Date | undefined> {
    const last = (await this.store.readStream(`cache-${cacheId(owner, key)}`)).at(-1);
    return last?.type === ('CacheSaved' satisfies CacheEvent['type']) ? last.time : undefined;
  }

  /** Stores a cache. False when the key is taken: then nothing is changed. */
  async save(
    facts: CacheOwner & {
      key: string;
      jobNumber: number;
      /** Names the blob: another attempt has another one. */
      saveId: string;
      paths: string[];
      retentionDays?: number;
    },
    content: Readable,
    context: CommandContext,
  ): Promise<boolean> {
    const { saveId, ...rest } = facts;
    checkCacheKey(facts.key);
    if ((await this.savedAt(facts, facts.key)) !== undefined) {
      content.resume();
      return false;
    }
    const id = cacheId(facts, facts.key);
    const blobKey = `caches/${facts.projectId}/${id}/${saveId}`;
    const { size, sha256 } = await this.blobs.put(blobKey, content);
    const command = { type: 'SaveCache', facts: { ...rest, cacheId: id, size, sha256, blobKey } } as const;
    const outcome = await this.aggregates.execute(cacheDecider, `cache-${id}`, command, context);
    if ('events' in outcome) return true;
    // Another job saved the same key meanwhile: the first writer wins.
    await this.blobs.delete(blobKey);
    return false;
  }

  private expiry(): Record<string, unknown> {
    return { now: this.clock.now(), days: this.settings.cacheRetention / 86_400_000 };
  }
}

function cacheId({ projectId, scope }: CacheOwner, key: string): string {
  return nameId('cache', scope === undefined ? `${projectId}/${key}` : `${projectId}/fork ${scope}/${key}`);
}
