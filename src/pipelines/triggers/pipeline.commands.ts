// Commands on pipelines.
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { event } from '../../platform/event-store/event-of.js';
import type { EventStore, LogPosition } from '../../platform/event-store/event-store.port.js';
import { derivedId } from '../../platform/ids/ids.js';
import { EVENT_STORE } from '../../platform/tokens.js';
import {
  checkTrigger,
  pipelineDecider,
  type PipelineCommand,
  type PipelineState,
} from './pipeline.decider.js';
import type { CompilerPool, ParameterValue } from '../config/index.js';
import { COMPILER } from './compiler.token.js';
import { CONTINUATION } from './config-errors.js';
import { hashOfKey, pipelineOfKey } from './continuation-keys.js';
import type { PipelineEvent, PipelineNumberTaken, PipelineRequest } from './pipeline.events.js';

export class OnPipeline extends Command<Outcome<PipelineState, PipelineEvent>> {
  constructor(
    readonly command: PipelineCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnPipeline)
export class OnPipelineHandler implements ICommandHandler<OnPipeline> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnPipeline): Promise<Outcome<PipelineState, PipelineEvent>> {
    return this.aggregates.execute(pipelineDecider, `pipeline-${command.pipelineId}`, command, context);
  }
}

export interface TriggeredPipeline {
  pipelineId: string;
  number: number;
  position: LogPosition;
}

/** Starts a pipeline and gives it the project's next number. */
export class TriggerPipeline extends Command<TriggeredPipeline> {
  constructor(
    readonly request: Omit<PipelineRequest, 'number' | 'pipelineId'>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(TriggerPipeline)
export class TriggerPipelineHandler implements ICommandHandler<TriggerPipeline> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  /**
   * The number is the place in a stream of the project's own that holds nothing else, so it costs one append, never
   * repeats and needs no lock. A crash between the two appends leaves a number that nobody was told of.
   */
  async execute({ request, context }: TriggerPipeline): Promise<TriggeredPipeline> {
    checkTrigger(request);
    const pipelineId = derivedId(context.commandId, 'pipeline');
    const taken = {
      id: derivedId(context.commandId, 'number'),
      ...event<PipelineNumberTaken>('PipelineNumberTaken', { pipelineId }),
    };
    const { revision } = await this.store.append(
      `pipelineNumbers-${request.projectId}`,
      'any',
      [taken],
      context,
    );
    const number = revision + 1;
    const command = { type: 'TriggerPipeline', ...request, pipelineId, number } as const;
    const outcome = await this.aggregates.execute(
      pipelineDecider,
      `pipeline-${pipelineId}`,
      command,
      context,
      { begins: true },
    );
    return { pipelineId, number, position: 'appended' in outcome ? outcome.appended.position : '' };
  }
}

/** Gives a pipeline that is set up the config that is to follow. The key says which pipeline, and that one may. */
export class ContinuePipeline extends Command<Outcome<PipelineState, PipelineEvent>> {
  constructor(
    readonly request: {
      key: string;
      configuration: string;
      parameters: Record<string, ParameterValue>;
      /** ISO 8601. */
      now: string;
    },
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(ContinuePipeline)
export class ContinuePipelineHandler implements ICommandHandler<ContinuePipeline> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(COMPILER) private readonly compiler: Pick<CompilerPool, 'outline'>,
  ) {}

  /** Only the top of the configuration is read here; whether it compiles is for the work that follows. */
  async execute({ request, context }: ContinuePipeline): Promise<Outcome<PipelineState, PipelineEvent>> {
    const { key, configuration, parameters, now } = request;
    const pipelineId = pipelineOfKey(key) ?? NOBODY;
    const outline = await this.compiler.outline(configuration, CONTINUATION);
    const command = {
      type: 'ContinuePipeline',
      pipelineId,
      keyHash: hashOfKey(key),
      configuration,
      parameters,
      outline: outline.ok
        ? { setup: outline.setup, declared: Object.keys(outline.parameters) }
        : { setup: false, declared: [] },
      now,
    } as const;
    const stream = `pipeline-${pipelineId}`;
    // What follows belongs to whoever triggered the pipeline: the key is nobody's name.
    const [trigger] = await this.store.readStream(stream, 0, 1);
    const { actor, correlationId } = trigger?.metadata ?? context;
    return this.aggregates.execute(pipelineDecider, stream, command, { ...context, actor, correlationId });
  }
}

/** No pipeline has this id, so what has no form of a key is refused like one that is nobody's. */
const NOBODY = '00000000-0000-0000-0000-000000000000';
