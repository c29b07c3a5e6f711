// Continuing a pipeline from a job of its setup workflow. The key in the body is the credential: there is no other.
import { Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Clock } from '../../../platform/clock/clock.js';
import { requestContext, SYSTEM } from '../../../platform/commands/command-context.js';
import { FollowerHost } from '../../../platform/followers/follower-host.js';
import { CLOCK } from '../../../platform/tokens.js';
import { ContinuePipeline } from '../../../pipelines/index.js';
import { Answers, messageSchema, Tagged, Takes } from './documented.js';
import { continueSchema, type ContinueBody } from './pipelines.schemas.js';
import { JsonBody } from './request-parts.js';

@Tagged('Pipeline')
@Controller('api/v2/pipeline')
export class PipelineContinuationController {
  constructor(
    private readonly commands: CommandBus,
    private readonly followers: FollowerHost,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Clients look for exactly 200. */
  @Post('continue')
  @HttpCode(200)
  @Takes(continueSchema)
  @Answers(200, 'The pipeline goes on.', messageSchema)
  async continuePipeline(@JsonBody(continueSchema) body: ContinueBody): Promise<{ message: string }> {
    const request = {
      key: body['continuation-key'],
      configuration: body.configuration,
      parameters: { ...body.parameters },
      now: this.clock.now().toISOString(),
    };
    const outcome = await this.commands.execute(new ContinuePipeline(request, requestContext(SYSTEM)));
    if ('appended' in outcome) {
      await this.followers.caughtUp(outcome.appended.position, ['PipelineContinued']);
    }
    return { message: 'Accepted.' };
  }
}
