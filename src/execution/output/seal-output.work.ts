// Queued work: when a task has ended, its output is merged into few segments (DESIGN D7). A step that prints a line now and
// then leaves thousands of them, and each read goes through all.
import { Inject, Injectable } from '@nestjs/common';
import { messageOf } from '../../platform/errors/errors.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import type { WorkHandler, WorkItem, WorkQueue } from '../../platform/queue/work-queue.port.js';
import type { Logger } from '../../platform/telemetry/logger.js';
import { LOGGER, WORK_QUEUE } from '../../platform/tokens.js';
import type { TaskEnded } from '../tasks/task.events.js';
import { OutputStore } from './output-store.js';
import { UnsealedOutput } from './unsealed-output.js';

export const SEAL_OUTPUT_QUEUE = 'seal-output';

export interface SealOutputWork {
  taskId: string;
}

/**
 * Puts each task on the queue that has ended with much to merge. The note comes first: what is lost from the queue is
 * found there by the reconciler. Most tasks print little, and cost one look at the index.
 */
@Injectable()
export class SealOutputProcessManager implements ProcessManager {
  readonly name = 'seal-output-work';
  readonly eventTypes = ['TaskEnded'] satisfies TaskEnded['type'][];

  constructor(
    private readonly output: OutputStore,
    private readonly unsealed: UnsealedOutput,
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
  ) {}

  async react(event: RecordedEvent): Promise<void> {
    const { taskId } = (event as RecordedEvent & TaskEnded).data;
    if ((await this.output.scattered(taskId)).length === 0) return;
    await this.unsealed.note(taskId);
    await this.queue.add(SEAL_OUTPUT_QUEUE, itemOf(taskId));
  }
}

@Injectable()
export class SealOutputWorkHandler implements WorkHandler<SealOutputWork> {
  readonly queue = SEAL_OUTPUT_QUEUE;
  /** Nobody waits for it, so it does not compete with those who do. */
  readonly concurrency = 1;

  constructor(
    private readonly output: OutputStore,
    private readonly unsealed: UnsealedOutput,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async perform({ taskId }: SealOutputWork, signal: AbortSignal): Promise<void> {
    for (const step of await this.output.scattered(taskId)) await this.output.seal(taskId, step, signal);
    await this.unsealed.forget(taskId);
  }

  /** The output can be read as it is: nothing has failed for its reader, and no event tells of it. */
  async exhausted({ taskId }: SealOutputWork, error: unknown): Promise<void> {
    this.logger.warn({ taskId, reason: messageOf(error) }, 'the output of a task stays in many segments');
    await this.unsealed.forget(taskId);
  }

  async waiting(after: string | undefined, limit: number): Promise<WorkItem<SealOutputWork>[]> {
    return (await this.unsealed.list(after, limit)).map(itemOf);
  }
}

function itemOf(taskId: string): WorkItem<SealOutputWork> {
  return { key: taskId, payload: { taskId } };
}
