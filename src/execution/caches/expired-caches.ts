// Caches end: so many days after they were saved, or as many as the job that saved them says (LANGUAGE C-224, C-269).
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Settings } from '../../../config/settings.js';
import { systemClock, type Clock } from '../../platform/clock/clock.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { Aggregates } from '../../platform/event-store/aggregates.js';
import type { WorkHandler, WorkItem } from '../../platform/queue/work-queue.port.js';
import { SETTINGS } from '../../platform/tokens.js';
import { cacheDecider } from './cache.decider.js';
import { CacheEntity } from './cache.entity.js';

export const EXPIRED_CACHES_QUEUE = 'expired-caches';

export interface ExpiredCacheWork {
  cacheId: string;
  blobKey: string;
}

/**
 * SQL that holds for caches that have ended, with the parameters `now` and `days`: how many a cache is kept at most, 0 for
 * no end.
 */
export function expiredBefore(alias: string): string {
  const kept = `LEAST(NULLIF(CAST(:days AS float8), 0), ${alias}.retention_days)`;
  return `COALESCE(${alias}.created_at + ${kept} * interval '1 day' <= :now, false)`;
}

/** Nobody adds this work: the reconciler finds in the table what has ended. */
@Injectable()
export class ExpiredCachesHandler implements WorkHandler<ExpiredCacheWork> {
  readonly queue = EXPIRED_CACHES_QUEUE;
  readonly concurrency = 1;
  readonly timeoutMs = 30_000;
  /** Set by tests. */
  clock: Clock = systemClock;

  constructor(
    private readonly database: DataSource,
    private readonly aggregates: Aggregates,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async perform({ cacheId, blobKey }: ExpiredCacheWork): Promise<void> {
    const command = { type: 'RemoveCache', blobKey } as const;
    await this.aggregates.execute(cacheDecider, `cache-${cacheId}`, command, requestContext(SYSTEM));
  }

  /** Nothing to record: the reconciler gives it again. */
  async exhausted(): Promise<void> {}

  async waiting(after: string | undefined, limit: number): Promise<WorkItem<ExpiredCacheWork>[]> {
    const query = this.database.manager
      .createQueryBuilder(CacheEntity, 'cache')
      .where(expiredBefore('cache'), {
        now: this.clock.now(),
        days: this.settings.cacheRetention / 86_400_000,
      })
      .orderBy('cache.id')
      .limit(limit);
    if (after !== undefined) query.andWhere('cache.id > :after', { after });
    const rows = await query.getMany();
    return rows.map(({ id, blobKey }) => ({ key: id, payload: { cacheId: id, blobKey } }));
  }
}
