// The server's side of the agent protocol: what is known of the tests of a job from earlier runs.
import { Controller, Get, Param, Req, StreamableFile } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NotFoundError } from '../../platform/errors/errors.js';
import type { FailedTests } from '../protocol/index.js';
import { TestHistory } from '../test-results/test-history.js';
import { claimOf } from './agent.controller.js';
import { Dispatcher } from './dispatcher.js';
import { TaskPayloads } from './task-payloads.js';

@Controller('agent/v1/tasks/:id')
export class AgentTestsController {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly payloads: TaskPayloads,
    private readonly history: TestHistory,
  ) {}

  @Get('test-timings')
  async testTimings(@Param('id') id: string, @Req() request: FastifyRequest): Promise<StreamableFile> {
    const { jobId } = await claimOf(this.dispatcher, request, id);
    const timings = await this.history.timingsFor(await this.payloads.facts(jobId));
    if (!timings)
      throw new NotFoundError('TEST_RESULTS.NO_TIMINGS', 'no successful run of this job has test results');
    return new StreamableFile(timings, { type: 'application/json' });
  }

  @Get('failed-tests')
  async failedTests(@Param('id') id: string, @Req() request: FastifyRequest): Promise<FailedTests> {
    const { jobId } = await claimOf(this.dispatcher, request, id);
    const { failedTestsOf, name } = await this.payloads.facts(jobId);
    const failed = failedTestsOf === undefined ? undefined : await this.history.failedIn(failedTestsOf, name);
    if (!failed)
      throw new NotFoundError('TEST_RESULTS.NO_FAILED', 'no failed tests are to be run again by this job');
    return failed;
  }
}
