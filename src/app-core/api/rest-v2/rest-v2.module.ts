// REST API v2 and what it needs of the web server.
import { Module, type INestApplication } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ArtifactDownloadController } from './artifact-download.controller.js';
import { ArtifactQueries } from './artifacts.queries.js';
import { ArtifactsController } from './artifacts.controller.js';
import { ContextVariablesController } from './context-variables.controller.js';
import { ContextsController } from './contexts.controller.js';
import { EnvvarsController } from './envvars.controller.js';
import { ExplainController } from './explain.controller.js';
import { ExplainQueries } from './explain.queries.js';
import { JobQueries } from './jobs.queries.js';
import { JobsController } from './jobs.controller.js';
import { MeController } from './me.controller.js';
import { MeQueries } from './me.queries.js';
import { OpenApiController, OpenApiDocument } from './openapi.controller.js';
import { PipelineQueries } from './pipelines.queries.js';
import { PipelinesController } from './pipelines.controller.js';
import { PipelineContinuationController } from './pipeline-continuation.controller.js';
import { PipelineTriggers } from './pipeline-triggers.js';
import { PipelineTriggersController } from './pipeline-triggers.controller.js';
import { ProjectCreation } from './project-creation.js';
import { ProjectQueries } from './projects.queries.js';
import { ProjectsController } from './projects.controller.js';
import { TestHistory } from '../../../execution/index.js';
import { TestsController } from './tests.controller.js';
import { TestQueries } from './tests.queries.js';
import { WorkflowCommands } from './workflow-commands.js';
import { WorkflowQueries } from './workflows.queries.js';
import { WorkflowsController } from './workflows.controller.js';

@Module({
  imports: [CqrsModule],
  controllers: [
    MeController,
    ProjectsController,
    EnvvarsController,
    ContextsController,
    ContextVariablesController,
    PipelinesController,
    ExplainController,
    PipelineTriggersController,
    PipelineContinuationController,
    WorkflowsController,
    JobsController,
    ArtifactsController,
    ArtifactDownloadController,
    TestsController,
    OpenApiController,
  ],
  providers: [
    MeQueries,
    ProjectQueries,
    ProjectCreation,
    PipelineQueries,
    ExplainQueries,
    PipelineTriggers,
    WorkflowQueries,
    WorkflowCommands,
    JobQueries,
    ArtifactQueries,
    TestQueries,
    TestHistory,
    OpenApiDocument,
  ],
})
export class RestV2Module {}

/**
 * For the boot, before the server listens: tells the OpenAPI document what it describes. Beside this, the adapter needs
 * `restRouting` and Fastify `acceptEmptyBodies` (routing.ts).
 */
export function serveOpenApi(app: INestApplication): void {
  app.get(OpenApiDocument).describe(app);
}
