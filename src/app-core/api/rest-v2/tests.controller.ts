// GET /project/{project-slug}/{job-number}/tests.
import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { AuthGuard } from '../../identity/auth.guard.js';
import { Answers, pageSchema, Tagged } from './documented.js';
import { JobQueries } from './jobs.queries.js';
import type { Page } from './page-token.js';
import { ProjectQueries } from './projects.queries.js';
import { numberPart, queryText, type Query as QueryValues } from './request-parts.js';
import { TestQueries } from './tests.queries.js';
import { testSchema, type TestView } from './tests.schemas.js';
import { testView } from './tests.views.js';

@Tagged('Job')
@UseGuards(AuthGuard)
@Controller('api/v2/project/:project_slug/:job_number/tests')
export class TestsController {
  constructor(
    private readonly projects: ProjectQueries,
    private readonly jobs: JobQueries,
    private readonly tests: TestQueries,
  ) {}

  @Get()
  @Answers(200, 'The test results of a job.', pageSchema(testSchema))
  async getTests(
    @Param('project_slug') slug: string,
    @Param('job_number') number: string,
    @Query() query: QueryValues,
  ): Promise<Page<TestView>> {
    const project = await this.projects.find(slug);
    const job = await this.jobs.byNumber(project.id, numberPart(number, 'job_number', 'Job not found'));
    return this.tests.ofJob(job.id, queryText(query, 'page-token'), testView);
  }
}
