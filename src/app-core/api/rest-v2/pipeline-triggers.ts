// Starts pipelines on request and waits until they can be read.
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Clock } from '../../../platform/clock/clock.js';
import { requestContext } from '../../../platform/commands/command-context.js';
import { InvalidInputError, NotFoundError } from '../../../platform/errors/errors.js';
import { FollowerHost } from '../../../platform/followers/follower-host.js';
import { CLOCK } from '../../../platform/tokens.js';
import { type ParameterValue, type ProjectEntity, TriggerPipeline } from '../../../pipelines/index.js';
import { actorOf } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import { PipelineQueries } from './pipelines.queries.js';
import type { RunBody, TriggeredView } from './pipelines.schemas.js';
import { triggeredView } from './pipelines.views.js';

export interface TriggerRequest {
  branch?: string | null;
  tag?: string | null;
  parameters?: Readonly<Record<string, ParameterValue>> | null;
}

@Injectable()
export class PipelineTriggers {
  constructor(
    private readonly commands: CommandBus,
    private readonly followers: FollowerHost,
    private readonly pipelines: PipelineQueries,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Starts a pipeline. Throws InvalidInputError for what `checkTrigger` refuses; nothing is recorded then. */
  async trigger(project: ProjectEntity, request: TriggerRequest, caller: Caller): Promise<TriggeredView> {
    const actor = actorOf(caller);
    const command = {
      projectId: project.id,
      projectSlug: project.slug,
      trigger: {
        type: 'api' as const,
        actor: { id: caller.userId, login: caller.login },
        receivedAt: this.clock.now().toISOString(),
      },
      vcs: { url: project.vcsUrl, branch: request.branch || undefined, tag: request.tag || undefined },
      parameters: { ...request.parameters },
    };
    const triggered = await this.commands.execute(new TriggerPipeline(command, requestContext(actor)));
    await this.followers.caughtUp(triggered.position, ['PipelineTriggered']);
    const { pipelineId: id, number } = triggered;
    const row = await this.pipelines.find(id);
    // A read model that is behind must not make a pipeline that exists look as if it did not.
    return row
      ? triggeredView(row)
      : { id, state: 'pending', number, created_at: command.trigger.receivedAt };
  }
}

/**
 * What a `pipeline/run` asks for. Throws InvalidInputError for what this server cannot do rather than building
 * something else: a config given in the request, or one of another ref than the code.
 */
export function triggerOfRun(project: ProjectEntity, body: RunBody): TriggerRequest {
  const { definition_id, config, checkout, parameters } = body;
  if (definition_id && definition_id.toLowerCase() !== project.id)
    throw new NotFoundError('DEFINITION.NOT_FOUND', 'Pipeline definition not found');
  if (config?.content)
    throw new InvalidInputError(
      'RUN.CONTENT',
      "JSON field 'config.content' is not supported by this server.",
    );
  const asked = [config, checkout].map((ref) => ({
    branch: ref?.branch || undefined,
    tag: ref?.tag || undefined,
  }));
  const given = asked.filter((ref) => ref.branch !== undefined || ref.tag !== undefined);
  const [first, second] = given;
  if (first && second && (first.branch !== second.branch || first.tag !== second.tag))
    throw new InvalidInputError(
      'RUN.REFS',
      "JSON fields 'config' and 'checkout' must name the same branch or tag on this server.",
    );
  return { ...first, parameters };
}
