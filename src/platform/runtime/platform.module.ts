// Offers the parts of the platform, opened before Nest starts, to every module.
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Settings } from '../../../config/settings.js';
import type { BlobStore } from '../blobs/blob-store.port.js';
import { systemClock } from '../clock/clock.js';
import { Aggregates } from '../event-store/aggregates.js';
import type { EventStore } from '../event-store/event-store.port.js';
import { FollowerHost } from '../followers/follower-host.js';
import { ErrorFilter } from '../http/error-filter.js';
import type { WorkQueue } from '../queue/work-queue.port.js';
import type { SecretCipher } from '../secrets/secret-cipher.port.js';
import type { Logger } from '../telemetry/logger.js';
import { BLOB_STORE, CLOCK, EVENT_STORE, LOGGER, SECRET_CIPHER, SETTINGS, WORK_QUEUE } from '../tokens.js';

export interface PlatformParts {
  settings: Settings;
  logger: Logger;
  database: DataSource;
  store: EventStore;
  blobs: BlobStore;
  queue: WorkQueue;
  cipher: SecretCipher;
  followers: FollowerHost;
}

@Global()
@Module({})
export class PlatformModule {
  static of(parts: PlatformParts): DynamicModule {
    const providers = [
      { provide: SETTINGS, useValue: parts.settings },
      { provide: LOGGER, useValue: parts.logger },
      { provide: CLOCK, useValue: systemClock },
      { provide: DataSource, useValue: parts.database },
      { provide: EVENT_STORE, useValue: parts.store },
      { provide: BLOB_STORE, useValue: parts.blobs },
      { provide: SECRET_CIPHER, useValue: parts.cipher },
      { provide: WORK_QUEUE, useValue: parts.queue },
      { provide: FollowerHost, useValue: parts.followers },
      { provide: Aggregates, useValue: new Aggregates(parts.store) },
      ErrorFilter,
    ];
    return { module: PlatformModule, providers, exports: providers };
  }
}
