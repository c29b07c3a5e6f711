// Version control: plain Git repositories, kept as mirrors in the data directory.
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import type { Settings } from '../../../config/settings.js';
import { SETTINGS } from '../../platform/tokens.js';
import { VCS, type Vcs } from '../../pipelines/index.js';
import { GitRepositories } from './git/index.js';

@Global()
@Module({
  providers: [
    {
      provide: VCS,
      inject: [SETTINGS],
      useFactory: (settings: Settings): Vcs =>
        new GitRepositories({
          mirrorDirectory: join(settings.dataDirectory, 'mirrors'),
          timeoutMs: settings.gitTimeout,
        }),
    },
  ],
  exports: [VCS],
})
export class VcsModule {}
