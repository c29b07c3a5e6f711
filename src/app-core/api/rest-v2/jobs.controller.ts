// Jobs: details and cancel, by number or id.
import { Controller, Get, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import type { Settings } from '../../../../config/settings.js';
import { SETTINGS } from '../../../platform/tokens.js';
import { AuthGuard, CurrentUser } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import { Answers, messageSchema, Tagged } from './documented.js';
import { JobQueries } from './jobs.queries.js';
import { jobSchema, type JobView } from './jobs.schemas.js';
import { jobView } from './jobs.views.js';
import { ProjectQueries } from './projects.queries.js';
import { numberPart, uuidPart } from './request-parts.js';
import { WorkflowCommands } from './workflow-commands.js';

@Tagged('Job')
@UseGuards(AuthGuard)
@Controller('api/v2')
export class JobsController {
  constructor(
    private readonly projects: ProjectQueries,
    private readonly jobs: JobQueries,
    private readonly workflows: WorkflowCommands,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get('project/:project_slug/job/:job_number')
  @Answers(200, 'A job.', jobSchema)
  async getJobDetails(
    @Param('project_slug') slug: string,
    @Param('job_number') number: string,
  ): Promise<JobView> {
    return this.view(await this.idOf(slug, number));
  }

  @Post('project/:project_slug/job/:job_number/cancel')
  @HttpCode(200)
  @Answers(200, 'The job is being canceled.', messageSchema)
  async cancelJobByJobNumber(
    @Param('project_slug') slug: string,
    @Param('job_number') number: string,
    @CurrentUser() caller: Caller,
  ): Promise<{ message: string }> {
    return this.cancel(await this.idOf(slug, number), caller);
  }

  @Get('jobs/:job_id')
  @Answers(200, 'A job.', jobSchema)
  getJob(@Param('job_id') id: string): Promise<JobView> {
    return this.view(uuidPart(id, 'job_id'));
  }

  @Post('jobs/:job_id/cancel')
  @HttpCode(200)
  @Answers(200, 'The job is being canceled.', messageSchema)
  cancelJobByJobId(@Param('job_id') id: string, @CurrentUser() caller: Caller): Promise<{ message: string }> {
    return this.cancel(uuidPart(id, 'job_id'), caller);
  }

  private async idOf(slug: string, number: string): Promise<string> {
    const project = await this.projects.find(slug);
    return (await this.jobs.byNumber(project.id, numberPart(number, 'job_number', 'Job not found'))).id;
  }

  private async view(jobId: string): Promise<JobView> {
    return jobView(await this.jobs.details(jobId), this.settings.publicUrl);
  }

  private async cancel(jobId: string, caller: Caller): Promise<{ message: string }> {
    const { workflowId } = await this.jobs.place(jobId);
    await this.workflows.cancelJob(workflowId, jobId, caller);
    return { message: 'Job cancellation accepted.' };
  }
}
