// One delivery of one piece of work: perform it within its time, count its tries, and say so when they are used up.
import { WaitingError, type Job } from 'bullmq';
import { messageOf } from '../errors/errors.js';
import type { Logger } from '../telemetry/logger.js';
import type { JobData } from './job-store.js';
import type { WorkHandler } from './work-queue.port.js';

const DEFAULT_ATTEMPTS = 5;
const DEFAULT_TIMEOUT_MS = 300_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_REASON = 2_000;
/** Work that ends the process each time it is tried must not do so for ever; ordinary restarts stay far below this. */
const MOST_CRASHES = 10;

/** The part of a BullMQ job that a delivery looks at. */
export type Delivery = Pick<
  Job<JobData>,
  'id' | 'data' | 'attemptsMade' | 'stalledCounter' | 'failedReason'
> & {
  moveToWait(token?: string): Promise<unknown>;
};

/** Milliseconds to wait after the nth failure: 200, 400, 800 ... at most 30 s (only `exhausted` comes that far). */
export function backOff(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

export class JobRunner {
  /**
   * What runs in this process, by job id. The store can deliver work a second time while it still runs here: its lock
   * ran out because the process was too busy to renew it, or the store was emptied and refilled. The second delivery
   * then shares the first one's outcome instead of running beside it.
   */
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    private readonly handler: WorkHandler,
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
    /** Aborted when the process gives up waiting for running work. */
    private readonly stopping: AbortSignal,
  ) {}

  /** Returns when nothing is left to do for this job; throws for another try after `backOff`. */
  async run(job: Delivery, token?: string): Promise<void> {
    const id = String(job.id);
    let outcome = this.running.get(id);
    if (!outcome) {
      outcome = this.deliver(job).finally(() => this.running.delete(id));
      this.running.set(id, outcome);
    }
    try {
      await outcome;
    } catch (error) {
      if (!this.stopping.aborted) throw error;
      // Given back at once and not counted as a try: the work did nothing wrong.
      await job.moveToWait(token);
      throw new WaitingError();
    }
  }

  private async deliver(job: Delivery): Promise<void> {
    const { queue, attempts = DEFAULT_ATTEMPTS } = this.handler;
    const payload: unknown = JSON.parse(job.data.payload);
    if (job.attemptsMade >= attempts) return this.giveUp(job, payload, new Error(job.failedReason));
    if (job.stalledCounter >= MOST_CRASHES)
      return this.giveUp(
        job,
        payload,
        new Error(`The process ended ${MOST_CRASHES} times while doing this work`),
      );
    try {
      await this.limited((signal) => this.handler.perform(payload, signal));
    } catch (error) {
      if (this.stopping.aborted) throw error;
      const tries = job.attemptsMade + 1;
      if (tries >= attempts) return this.giveUp(job, payload, error);
      this.logger.warn(
        { queue, job: job.id, tries, attempts, reason: reasonOf(error) },
        'Work failed and is tried again',
      );
      throw new Error(reasonOf(error), { cause: error });
    }
  }

  private async giveUp(job: Delivery, payload: unknown, error: unknown): Promise<void> {
    const about = { queue: this.handler.queue, job: job.id, reason: reasonOf(error) };
    this.logger.warn(about, 'Work failed for the last time');
    try {
      await this.limited(() => this.handler.exhausted(payload, error));
    } catch (failure) {
      this.logger.error(
        { ...about, failure: reasonOf(failure) },
        'That work failed could not be recorded; tried again',
      );
      // The reason of the work, not of the recording: it is what the next call of `exhausted` gets.
      throw new Error(reasonOf(error), { cause: failure });
    }
  }

  /** Rejects when the time is up or the process stops, even if the work does not heed its signal. */
  private async limited(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const limitMs = this.handler.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const control = new AbortController();
    const stop = (): void => control.abort(new Error('The server is stopping'));
    const timer = setTimeout(() => control.abort(new Error(`Not done within ${limitMs} ms`)), limitMs);
    const ended = new Promise<never>((_resolve, reject) => {
      control.signal.addEventListener('abort', () => reject(control.signal.reason as Error), { once: true });
    });
    this.stopping.addEventListener('abort', stop, { once: true });
    try {
      if (this.stopping.aborted) stop();
      await Promise.race([Promise.resolve().then(() => work(control.signal)), ended]);
    } finally {
      clearTimeout(timer);
      this.stopping.removeEventListener('abort', stop);
    }
  }
}

/** Short, and without the NUL characters and lone surrogates that PostgreSQL's texts refuse. */
function reasonOf(error: unknown): string {
  return Buffer.from(messageOf(error).replaceAll('\0', '').slice(0, LONGEST_REASON)).toString();
}
