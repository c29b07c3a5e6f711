// Reading pipelines: lists, one by id or number, its config, values and workflows.
import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { AuthGuard, CurrentUser } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import { Answers, pageSchema, pageTokenParameter, QueryParameters, Tagged } from './documented.js';
import type { Page } from './page-token.js';
import { PipelineQueries } from './pipelines.queries.js';
import {
  pipelineConfigSchema,
  pipelineSchema,
  pipelineValuesSchema,
  type PipelineConfigView,
  type PipelineValuesView,
  type PipelineView,
} from './pipelines.schemas.js';
import { pipelineConfigView, pipelineValuesView, pipelineView } from './pipelines.views.js';
import { ProjectQueries } from './projects.queries.js';
import { numberPart, queryFlag, queryText, uuidPart, type Query as QueryValues } from './request-parts.js';
import { WorkflowQueries } from './workflows.queries.js';
import { workflowSchema, type WorkflowView } from './workflows.schemas.js';

@Tagged('Pipeline')
@UseGuards(AuthGuard)
@Controller('api/v2')
export class PipelinesController {
  constructor(
    private readonly pipelines: PipelineQueries,
    private readonly projects: ProjectQueries,
    private readonly workflows: WorkflowQueries,
  ) {}

  @Get('pipeline')
  @QueryParameters({
    'org-slug': 'Only pipelines of this organisation, `<vcs>/<organisation>`.',
    mine: 'Only pipelines that you triggered: true or false.',
    ...pageTokenParameter,
  })
  @Answers(200, 'Pipelines, newest first.', pageSchema(pipelineSchema))
  async listPipelines(
    @Query() query: QueryValues,
    @CurrentUser() caller: Caller,
  ): Promise<Page<PipelineView>> {
    const organization = queryText(query, 'org-slug');
    const only = {
      organizationSlug: organization && (await this.projects.organizationSlug(organization)),
      actorId: queryFlag(query, 'mine') ? caller.userId : undefined,
    };
    return this.pipelines.ofAll(only, queryText(query, 'page-token'), pipelineView);
  }

  @Get('pipeline/:pipeline_id')
  @Answers(200, 'A pipeline.', pipelineSchema)
  async getPipelineById(@Param('pipeline_id') id: string): Promise<PipelineView> {
    return pipelineView(await this.pipelines.byId(uuidPart(id, 'pipeline_id')));
  }

  @Get('pipeline/:pipeline_id/config')
  @Answers(200, 'The config of a pipeline.', pipelineConfigSchema)
  async getPipelineConfigById(@Param('pipeline_id') id: string): Promise<PipelineConfigView> {
    const pipeline = await this.pipelines.byId(uuidPart(id, 'pipeline_id'));
    return pipelineConfigView(await this.pipelines.config(pipeline.id));
  }

  @Get('pipeline/:pipeline_id/values')
  @Answers(200, 'The values of a pipeline.', pipelineValuesSchema)
  async getPipelineValuesById(@Param('pipeline_id') id: string): Promise<PipelineValuesView> {
    const pipeline = await this.pipelines.byId(uuidPart(id, 'pipeline_id'));
    const project = await this.projects.find(pipeline.projectId);
    return pipelineValuesView(pipeline, project.defaultBranch);
  }

  @Get('pipeline/:pipeline_id/workflow')
  @QueryParameters(pageTokenParameter)
  @Answers(200, 'The workflows of a pipeline, newest first.', pageSchema(workflowSchema))
  async listWorkflowsByPipelineId(
    @Param('pipeline_id') id: string,
    @Query() query: QueryValues,
  ): Promise<Page<WorkflowView>> {
    const pipeline = await this.pipelines.byId(uuidPart(id, 'pipeline_id'));
    return this.workflows.ofPipeline(pipeline, queryText(query, 'page-token'));
  }

  @Get('project/:project_slug/pipeline')
  @QueryParameters({ branch: 'Only pipelines of this branch.', ...pageTokenParameter })
  @Answers(200, 'The pipelines of a project, newest first.', pageSchema(pipelineSchema))
  async listPipelinesForProject(
    @Param('project_slug') slug: string,
    @Query() query: QueryValues,
  ): Promise<Page<PipelineView>> {
    const project = await this.projects.find(slug);
    const only = { branch: queryText(query, 'branch') };
    return this.pipelines.ofProject(project.id, only, queryText(query, 'page-token'), pipelineView);
  }

  @Get('project/:project_slug/pipeline/mine')
  @QueryParameters(pageTokenParameter)
  @Answers(200, 'The pipelines of a project that you triggered, newest first.', pageSchema(pipelineSchema))
  async listMyPipelines(
    @Param('project_slug') slug: string,
    @Query() query: QueryValues,
    @CurrentUser() caller: Caller,
  ): Promise<Page<PipelineView>> {
    const project = await this.projects.find(slug);
    const only = { actorId: caller.userId };
    return this.pipelines.ofProject(project.id, only, queryText(query, 'page-token'), pipelineView);
  }

  @Get('project/:project_slug/pipeline/:pipeline_number')
  @Answers(200, 'A pipeline.', pipelineSchema)
  async getPipelineByNumber(
    @Param('project_slug') slug: string,
    @Param('pipeline_number') number: string,
  ): Promise<PipelineView> {
    const project = await this.projects.find(slug);
    const wanted = numberPart(number, 'pipeline_number', 'Pipeline not found');
    return pipelineView(await this.pipelines.byNumber(project.id, wanted));
  }
}
