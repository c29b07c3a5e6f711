// What a pipeline is to run, for whoever starts its jobs.
import { Inject, Injectable } from '@nestjs/common';
import { NotFoundError } from '../../platform/errors/errors.js';
import type { EventStore } from '../../platform/event-store/event-store.port.js';
import { EVENT_STORE } from '../../platform/tokens.js';
import type { PipelineCompiled, PipelineEvent, PipelineRequest } from './pipeline.events.js';

export interface PipelinePlan {
  request: PipelineRequest;
  compiled: PipelineCompiled['data'];
}

const KEPT = 100;

@Injectable()
export class PipelinePlans {
  private readonly recent = new Map<string, PipelinePlan>();

  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  /** The request and the compiled config of a pipeline; NotFoundError unless it was compiled. */
  async get(pipelineId: string): Promise<PipelinePlan> {
    const known = this.recent.get(pipelineId);
    if (known) return known;
    const events = (await this.store.readStream(`pipeline-${pipelineId}`)) as unknown as PipelineEvent[];
    const request = events.find((e) => e.type === 'PipelineTriggered');
    const compiled = events.find((e) => e.type === 'PipelineCompiled');
    if (!request || !compiled) throw new NotFoundError('PIPELINE.NOT_COMPILED', 'Pipeline not found');
    const found: PipelinePlan = { request: request.data, compiled: compiled.data };
    this.recent.set(pipelineId, found);
    if (this.recent.size > KEPT) this.recent.delete(this.recent.keys().next().value!);
    return found;
  }
}
