// Starting pipelines.
import { Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { AuthGuard, CurrentUser } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import { Answers, Tagged, Takes } from './documented.js';
import { PipelineTriggers, triggerOfRun } from './pipeline-triggers.js';
import {
  runSchema,
  triggeredSchema,
  triggerSchema,
  type RunBody,
  type TriggerBody,
  type TriggeredView,
} from './pipelines.schemas.js';
import { ProjectQueries } from './projects.queries.js';
import { JsonBody } from './request-parts.js';

@Tagged('Pipeline')
@UseGuards(AuthGuard)
@Controller('api/v2/project/:project_slug/pipeline')
export class PipelineTriggersController {
  constructor(
    private readonly projects: ProjectQueries,
    private readonly triggers: PipelineTriggers,
  ) {}

  @Post()
  @HttpCode(201)
  @Takes(triggerSchema)
  @Answers(201, 'The new pipeline.', triggeredSchema)
  async triggerPipeline(
    @Param('project_slug') slug: string,
    @JsonBody(triggerSchema) body: TriggerBody,
    @CurrentUser() caller: Caller,
  ): Promise<TriggeredView> {
    return this.triggers.trigger(await this.projects.find(slug), body, caller);
  }

  @Post('run')
  @HttpCode(201)
  @Takes(runSchema)
  @Answers(201, 'The new pipeline.', triggeredSchema)
  async triggerPipelineRun(
    @Param('project_slug') slug: string,
    @JsonBody(runSchema) body: RunBody,
    @CurrentUser() caller: Caller,
  ): Promise<TriggeredView> {
    const project = await this.projects.find(slug);
    return this.triggers.trigger(project, triggerOfRun(project, body), caller);
  }
}
