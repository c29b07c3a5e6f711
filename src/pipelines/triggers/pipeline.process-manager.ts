// Puts the compilation of a triggered pipeline on its queue.
import { Inject, Injectable } from '@nestjs/common';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import type { WorkQueue } from '../../platform/queue/work-queue.port.js';
import { WORK_QUEUE } from '../../platform/tokens.js';
import { COMPILE_QUEUE, type CompileWork } from './compile.work.js';
import type { PipelineTriggered } from './pipeline.events.js';

@Injectable()
export class PipelineProcessManager implements ProcessManager {
  readonly name = 'pipeline-work';
  readonly eventTypes = ['PipelineTriggered'] satisfies PipelineTriggered['type'][];

  constructor(@Inject(WORK_QUEUE) private readonly queue: WorkQueue) {}

  async react(event: RecordedEvent): Promise<void> {
    const { pipelineId } = (event as RecordedEvent & PipelineTriggered).data;
    await this.queue.add<CompileWork>(COMPILE_QUEUE, { key: pipelineId, payload: { pipelineId } });
  }
}
