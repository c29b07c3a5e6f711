// Puts the compilation of a pipeline on its queue: of the repository's config, and of the one that continues it.
import { Inject, Injectable } from '@nestjs/common';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import type { WorkQueue } from '../../platform/queue/work-queue.port.js';
import { WORK_QUEUE } from '../../platform/tokens.js';
import { COMPILE_QUEUE, compileWork } from './compile.work.js';
import type { PipelineContinued, PipelineTriggered } from './pipeline.events.js';

type Followed = PipelineTriggered | PipelineContinued;

@Injectable()
export class PipelineProcessManager implements ProcessManager {
  readonly name = 'pipeline-work';
  readonly eventTypes = ['PipelineTriggered', 'PipelineContinued'] satisfies Followed['type'][];

  constructor(@Inject(WORK_QUEUE) private readonly queue: WorkQueue) {}

  async react(event: RecordedEvent): Promise<void> {
    const { type, data } = event as RecordedEvent & Followed;
    await this.queue.add(COMPILE_QUEUE, compileWork(data.pipelineId, type === 'PipelineContinued'));
  }
}
