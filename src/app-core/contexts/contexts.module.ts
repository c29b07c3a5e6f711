// Secrets of organizations and projects.
import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { TASK_SECRETS } from '../../execution/index.js';
import { OnProjectVariableHandler } from '../project-variables/project-variable.commands.js';
import { ProjectVariables } from '../project-variables/project-variables.js';
import { OnContextHandler } from './context.commands.js';
import { Contexts } from './contexts.js';
import { JobSecrets } from './job-secrets.js';

@Global()
@Module({
  imports: [CqrsModule],
  providers: [
    Contexts,
    ProjectVariables,
    OnContextHandler,
    OnProjectVariableHandler,
    JobSecrets,
    { provide: TASK_SECRETS, useExisting: JobSecrets },
  ],
  exports: [Contexts, ProjectVariables, JobSecrets, TASK_SECRETS],
})
export class ContextsModule {}
