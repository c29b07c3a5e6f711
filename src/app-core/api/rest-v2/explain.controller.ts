// Why parts of a pipeline do not run.
import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { AuthGuard } from '../../identity/auth.guard.js';
import { Answers, pageSchema, pageTokenParameter, QueryParameters, Tagged } from './documented.js';
import { ExplainQueries } from './explain.queries.js';
import { explanationSchema, type ExplanationView } from './explain.schemas.js';
import type { Page } from './page-token.js';
import { PipelineQueries } from './pipelines.queries.js';
import { queryText, uuidPart, type Query as QueryValues } from './request-parts.js';

@Tagged('Pipeline')
@UseGuards(AuthGuard)
@Controller('api/v2')
export class ExplainController {
  constructor(
    private readonly pipelines: PipelineQueries,
    private readonly explain: ExplainQueries,
  ) {}

  @Get('pipeline/:pipeline_id/explain')
  @QueryParameters(pageTokenParameter)
  @Answers(
    200,
    'Workflows that were not created, jobs that do not run, and jobs that wait, each with its reasons. An extension of Rotunda.',
    pageSchema(explanationSchema),
  )
  async explainPipeline(
    @Param('pipeline_id') id: string,
    @Query() query: QueryValues,
  ): Promise<Page<ExplanationView>> {
    const pipeline = await this.pipelines.byId(uuidPart(id, 'pipeline_id'));
    return this.explain.ofPipeline(pipeline, queryText(query, 'page-token'));
  }
}
