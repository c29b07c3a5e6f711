// Workflows: one, its jobs, cancel, rerun, approve.
import { Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { InvalidInputError } from '../../../platform/errors/errors.js';
import { isUuid } from '../../../platform/ids/ids.js';
import { AuthGuard, CurrentUser } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import { Answers, messageSchema, pageSchema, Tagged, Takes } from './documented.js';
import type { Page } from './page-token.js';
import { JsonBody, queryText, uuidPart, type Query as QueryValues } from './request-parts.js';
import { WorkflowCommands } from './workflow-commands.js';
import { WorkflowQueries } from './workflows.queries.js';
import {
  rerunSchema,
  rerunStartedSchema,
  workflowJobSchema,
  workflowSchema,
  type RerunBody,
  type RerunStartedView,
  type WorkflowJobView,
  type WorkflowView,
} from './workflows.schemas.js';

@Tagged('Workflow')
@UseGuards(AuthGuard)
@Controller('api/v2/workflow/:id')
export class WorkflowsController {
  constructor(
    private readonly workflows: WorkflowQueries,
    private readonly commands: WorkflowCommands,
  ) {}

  @Get()
  @Answers(200, 'A workflow.', workflowSchema)
  getWorkflowById(@Param('id') id: string): Promise<WorkflowView> {
    return this.workflows.get(workflowId(id));
  }

  @Get('job')
  @Answers(200, 'The jobs of a workflow, in the order of the config.', pageSchema(workflowJobSchema))
  listWorkflowJobs(@Param('id') id: string, @Query() query: QueryValues): Promise<Page<WorkflowJobView>> {
    return this.workflows.jobs(workflowId(id), queryText(query, 'page-token'));
  }

  @Post('cancel')
  @HttpCode(202)
  @Answers(202, 'The workflow is being canceled.', messageSchema)
  async cancelWorkflow(@Param('id') id: string, @CurrentUser() caller: Caller): Promise<{ message: string }> {
    await this.commands.cancel(workflowId(id), caller);
    return { message: 'Accepted.' };
  }

  @Post('rerun')
  @HttpCode(202)
  @Takes(rerunSchema)
  @Answers(202, 'The new workflow.', rerunStartedSchema)
  async rerunWorkflow(
    @Param('id') id: string,
    @JsonBody(rerunSchema) body: RerunBody,
    @CurrentUser() caller: Caller,
  ): Promise<RerunStartedView> {
    return { workflow_id: await this.commands.rerun(workflowId(id), body, caller) };
  }

  @Post('approve/:approval_request_id')
  @HttpCode(202)
  @Answers(202, 'The job is approved.', messageSchema)
  async approvePendingApprovalJobById(
    @Param('id') id: string,
    @Param('approval_request_id') jobId: string,
    @CurrentUser() caller: Caller,
  ): Promise<{ message: string }> {
    await this.commands.approve(workflowId(id), uuidPart(jobId, 'approval_request_id'), caller);
    return { message: 'Accepted.' };
  }
}

function workflowId(id: string): string {
  if (!isUuid(id)) throw new InvalidInputError('REQUEST.PATH', 'Workflow ID provided is invalid.');
  return id.toLowerCase();
}
