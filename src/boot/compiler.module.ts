// The config compiler's worker pool, and where orbs come from.
import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Settings } from '../../config/settings.js';
import { settingsSchema } from '../../config/settings.schema.js';
import {
  COMPILER,
  CompilerPool,
  OrbPublishing,
  OrbSources,
  PostgresOrbRegistry,
  PostgresUrlOrbPrefixes,
  UrlOrbFetcher,
} from '../pipelines/index.js';
import type { Clock } from '../platform/clock/clock.js';
import { Aggregates } from '../platform/event-store/aggregates.js';
import { CLOCK, SETTINGS } from '../platform/tokens.js';
import { sizeBounds } from './size-bounds.js';

/** The registry of this database and the URL orbs that organisations allow. */
export function orbSources(database: DataSource, settings: Settings, clock: Clock): OrbSources {
  return new OrbSources(
    new PostgresOrbRegistry(database),
    new PostgresUrlOrbPrefixes(database),
    new UrlOrbFetcher({ privateAddresses: settings.urlOrbPrivate }),
    clock,
  );
}

@Global()
@Module({
  providers: [
    {
      provide: COMPILER,
      inject: [SETTINGS],
      useFactory: (settings: Settings) =>
        new CompilerPool({
          sizes: sizeBounds(settings),
          milliseconds: settings.compileTimeout,
          memoryMegabytes: settings.compileMemory,
          names: {
            milliseconds: settingsSchema.compileTimeout.env,
            memoryMegabytes: settingsSchema.compileMemory.env,
          },
        }),
    },
    { provide: OrbSources, inject: [DataSource, SETTINGS, CLOCK], useFactory: orbSources },
    {
      provide: OrbPublishing,
      inject: [Aggregates, COMPILER, OrbSources, CLOCK],
      useFactory: (aggregates: Aggregates, compiler: CompilerPool, orbs: OrbSources, clock: Clock) =>
        new OrbPublishing(aggregates, compiler, orbs, clock),
    },
  ],
  exports: [COMPILER, OrbSources, OrbPublishing],
})
export class CompilerModule implements OnApplicationShutdown {
  constructor(@Inject(COMPILER) private readonly compiler: CompilerPool) {}

  async onApplicationShutdown(): Promise<void> {
    await this.compiler.close();
  }
}
