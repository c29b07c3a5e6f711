// What a pipeline is to run, for whoever starts its jobs.
import { Inject, Injectable } from '@nestjs/common';
import { NotFoundError } from '../../platform/errors/errors.js';
import type { EventStore } from '../../platform/event-store/event-store.port.js';
import { EVENT_STORE } from '../../platform/tokens.js';
import type { CompiledConfig, PipelineEvent, PipelineRequest } from './pipeline.events.js';

/** Whose workflow is meant: one pipeline runs two configs when the first is a setup config. */
export type ConfigPhase = 'setup' | 'main';

export interface PipelinePlan {
  request: PipelineRequest;
  compiled: CompiledConfig;
}

const KEPT = 100;

@Injectable()
export class PipelinePlans {
  private readonly recent = new Map<string, PipelinePlan>();

  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  /** The request and the compiled config of a pipeline; NotFoundError unless it was compiled. */
  async get(pipelineId: string, phase: ConfigPhase): Promise<PipelinePlan> {
    const key = `${phase} ${pipelineId}`;
    const known = this.recent.get(key);
    if (known) return known;
    const events = (await this.store.readStream(`pipeline-${pipelineId}`)) as unknown as PipelineEvent[];
    const request = events.find((e) => e.type === 'PipelineTriggered');
    const compiled =
      phase === 'setup'
        ? events.find((e) => e.type === 'PipelineSetUp')
        : events.find((e) => e.type === 'PipelineCompiled');
    if (!request || !compiled) throw new NotFoundError('PIPELINE.NOT_COMPILED', 'Pipeline not found');
    const found: PipelinePlan = { request: request.data, compiled: compiled.data };
    this.recent.set(key, found);
    if (this.recent.size > KEPT) this.recent.delete(this.recent.keys().next().value!);
    return found;
  }
}
