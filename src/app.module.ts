// The whole program as one Nest application: what a process does is chosen by its roles at start, not by its modules.
import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ContextsModule, IdentityModule } from './app-core/index.js';
import { EditorsModule } from './app-core/api/editors/editors.module.js';
import { RestV2Module } from './app-core/api/rest-v2/rest-v2.module.js';
import { RotundaApiModule } from './app-core/api/rotunda/rotunda-api.module.js';
import { VcsModule } from './app-core/vcs/vcs.module.js';
import { CompilerModule } from './boot/compiler.module.js';
import { ExecutionModule } from './execution/index.js';
import { LiveModule } from './frontend/live/live.module.js';
import { PipelinesModule } from './pipelines/index.js';
import { PlatformModule, type PlatformParts } from './platform/runtime/platform.module.js';

@Module({})
export class AppModule {
  static of(parts: PlatformParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.of(parts),
        CqrsModule.forRoot(),
        VcsModule,
        CompilerModule,
        IdentityModule,
        ContextsModule,
        PipelinesModule,
        ExecutionModule,
        RestV2Module,
        EditorsModule,
        RotundaApiModule,
        LiveModule,
      ],
    };
  }
}
