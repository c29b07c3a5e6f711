// Opens what every process needs, whatever its roles: database, event log, blobs, queues.
import { join } from 'node:path';
import type { Settings } from '../../config/settings.js';
import { migrations } from '../../migrations/index.js';
import { DirectoryBlobStore } from '../platform/blobs/directory-blob-store.js';
import { openDatabase } from '../platform/database/data-source.js';
import { PostgresEventStore } from '../platform/event-store/postgres/postgres-event-store.js';
import { FollowerHost } from '../platform/followers/follower-host.js';
import { BullWorkQueue } from '../platform/queue/index.js';
import type { PlatformParts } from '../platform/runtime/platform.module.js';
import { KeyRingCipher } from '../platform/secrets/key-ring-cipher.js';
import type { Logger } from '../platform/telemetry/logger.js';
import { entities } from './entities.js';
import type { Undo } from './undo.js';

export type OpenedPlatform = PlatformParts & { queue: BullWorkQueue };

/** `given` with the database that was opened. What is opened is closed by `undo`. */
export async function openPlatform(
  given: Settings,
  databaseUrl: string,
  logger: Logger,
  undo: Undo,
): Promise<OpenedPlatform> {
  const settings: Settings = { ...given, databaseUrl };
  const database = await openDatabase({
    url: databaseUrl,
    poolSize: settings.databasePoolSize,
    entities,
    migrations,
    onWait: (reason) => logger.warn(`${reason}; waiting for it`),
  });
  undo.add('database connections', () => database.destroy());
  const onError = (error: unknown): void =>
    logger.warn({ err: error }, 'the event store had a failure and tries again');
  const store = await PostgresEventStore.open({ url: databaseUrl, onError });
  undo.add('event store', () => store.close());
  const blobs = await DirectoryBlobStore.open(join(settings.dataDirectory, 'blobs'));
  const cipher = await KeyRingCipher.at(join(settings.dataDirectory, 'keys.json'));
  const queue = new BullWorkQueue({
    databaseUrl,
    redisUrl: settings.redisUrl || undefined,
    logger,
    reconcileEveryMs: settings.reconcileInterval,
  });
  const followers = new FollowerHost(store, database, databaseUrl, logger);
  return { settings, logger, database, store, blobs, queue, cipher, followers };
}
