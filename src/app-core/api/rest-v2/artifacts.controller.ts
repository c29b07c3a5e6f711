// GET /project/{project-slug}/{job-number}/artifacts.
import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import type { Settings } from '../../../../config/settings.js';
import { SETTINGS } from '../../../platform/tokens.js';
import { AuthGuard } from '../../identity/auth.guard.js';
import { ArtifactQueries } from './artifacts.queries.js';
import { artifactSchema, type ArtifactView } from './artifacts.schemas.js';
import { artifactView } from './artifacts.views.js';
import { Answers, pageSchema, Tagged } from './documented.js';
import { JobQueries } from './jobs.queries.js';
import type { Page } from './page-token.js';
import { ProjectQueries } from './projects.queries.js';
import { numberPart, queryText, type Query as QueryValues } from './request-parts.js';

@Tagged('Job')
@UseGuards(AuthGuard)
@Controller('api/v2/project/:project_slug/:job_number/artifacts')
export class ArtifactsController {
  constructor(
    private readonly projects: ProjectQueries,
    private readonly jobs: JobQueries,
    private readonly artifacts: ArtifactQueries,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get()
  @Answers(200, 'The artifacts of a job.', pageSchema(artifactSchema))
  async getJobArtifacts(
    @Param('project_slug') slug: string,
    @Param('job_number') number: string,
    @Query() query: QueryValues,
  ): Promise<Page<ArtifactView>> {
    const project = await this.projects.find(slug);
    const job = await this.jobs.byNumber(project.id, numberPart(number, 'job_number', 'Job not found'));
    const view = (row: Parameters<typeof artifactView>[0]): ArtifactView =>
      artifactView(row, this.settings.publicUrl);
    return this.artifacts.ofJob(job.id, queryText(query, 'page-token'), view);
  }
}
