// The config compiler's worker pool, and where orbs come from.
import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../../config/settings.js';
import { settingsSchema } from '../../config/settings.schema.js';
import { COMPILER, CompilerPool, ORB_RESOLVER, type OrbResolver } from '../pipelines/index.js';
import { SETTINGS } from '../platform/tokens.js';

/** There is no orb registry yet: every registry orb is unknown, which the compiler reports in the original's words. */
const noRegistry: OrbResolver = { resolve: async () => undefined };

@Global()
@Module({
  providers: [
    {
      provide: COMPILER,
      inject: [SETTINGS],
      useFactory: (settings: Settings) =>
        new CompilerPool({
          milliseconds: settings.compileTimeout,
          memoryMegabytes: settings.compileMemory,
          names: {
            milliseconds: settingsSchema.compileTimeout.env,
            memoryMegabytes: settingsSchema.compileMemory.env,
          },
        }),
    },
    { provide: ORB_RESOLVER, useValue: noRegistry },
  ],
  exports: [COMPILER, ORB_RESOLVER],
})
export class CompilerModule implements OnApplicationShutdown {
  constructor(@Inject(COMPILER) private readonly compiler: CompilerPool) {}

  async onApplicationShutdown(): Promise<void> {
    await this.compiler.close();
  }
}
