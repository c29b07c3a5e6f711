// The work queue on BullMQ: on PostgreSQL, or on Redis when a URL of one is given. Both run the same code and tests.
import type { Logger } from '../telemetry/logger.js';
import { checkHandlers } from './check-handlers.js';
import { jobIdOf } from './job-id.js';
import { JobRunner, backOff } from './job-runner.js';
import type { JobQueue, JobStore, JobWorker, NewJob } from './job-store.js';
import { withLimit } from './limits.js';
import { PostgresJobStore } from './postgres-job-store.js';
import { Reconciler } from './reconciler.js';
import { RedisJobStore } from './redis-job-store.js';
import { RepeatedErrors } from './repeated-errors.js';
import type { WorkHandler, WorkItem, WorkQueue } from './work-queue.port.js';

const ADD_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 5_000;
const DEFAULT_CONCURRENCY = 2;
const RECONCILE_EVERY_MS = 30_000;
/** Tries are counted by JobRunner, which also repeats `exhausted`: BullMQ itself never gives work up. */
const NO_LIMIT = 1_000_000_000;

/**
 * A worker holds a lock on what it runs and renews it every 1 to 2 s. After kill -9 the lock runs out (6 s at most), and
 * another worker takes the work over at its next look (2 s): within 8 s in all, and a process may be blocked for 4 s
 * before its work is taken away.
 */
const LOCKS = { lockDuration: 6_000, lockRenewTime: 2_000, stalledInterval: 2_000 };

export interface BullWorkQueueOptions {
  databaseUrl: string;
  redisUrl?: string;
  /** The PostgreSQL schema, and the prefix of Redis keys: a simple identifier. */
  schema?: string;
  logger: Logger;
  handlers?: WorkHandler[];
  /** Milliseconds between two passes of the reconciler (default 30,000). */
  reconcileEveryMs?: number;
  /** Most milliseconds that `add` waits for the store (default 10,000). */
  addLimitMs?: number;
}

export class BullWorkQueue implements WorkQueue {
  private readonly logger: Logger;
  private readonly errors: RepeatedErrors;
  private readonly store: JobStore;
  private readonly handlers: WorkHandler[];
  private readonly queues = new Map<string, JobQueue>();
  private readonly workers: JobWorker[] = [];
  private readonly stopping = new AbortController();
  private readonly reconciler: Reconciler;
  private readonly addLimitMs: number;
  private started = false;
  private stopped: Promise<void> | undefined;

  constructor(options: BullWorkQueueOptions) {
    const { databaseUrl, redisUrl, schema = 'rotunda_queue', logger } = options;
    this.logger = logger;
    this.addLimitMs = options.addLimitMs ?? ADD_LIMIT_MS;
    this.errors = new RepeatedErrors(logger);
    this.handlers = [...(options.handlers ?? [])];
    const onError = (error: unknown): void => this.errors.log("The queue's store", error);
    this.store = redisUrl
      ? new RedisJobStore({ redisUrl, prefix: schema, onError })
      : new PostgresJobStore({ databaseUrl, schema, onError, onRebuilt: () => this.onRebuilt() });
    this.reconciler = new Reconciler({
      handlers: () => this.handlers,
      repair: () => this.store.repair(),
      fill: (queue, items) => this.fill(queue, items),
      logger,
      intervalMs: options.reconcileEveryMs ?? RECONCILE_EVERY_MS,
    });
  }

  /** Before `start`. That there is one handler for each queue is checked by `checkHandlers` and by `start`. */
  register<Payload>(handler: WorkHandler<Payload>): void {
    if (this.started) throw new Error(`Register the handler of "${handler.queue}" before the queue starts`);
    this.handlers.push(handler as WorkHandler);
  }

  /** The self-check at start: throws an Error that says what to write when queues and handlers do not match. */
  checkHandlers(declaredQueueNames: readonly string[]): void {
    checkHandlers(declaredQueueNames, this.handlers);
  }

  /** Starts workers for the registered handlers and the reconciler's first pass. Throws when the store cannot be reached. */
  async start(): Promise<void> {
    if (this.started) throw new Error('The queue has been started already');
    checkHandlers([...new Set(this.handlers.map((h) => h.queue))], this.handlers);
    this.started = true;
    await this.store.open();
    for (const handler of this.handlers) this.startWorker(handler);
    void this.reconciler.start();
  }

  async add<Payload>(queue: string, item: WorkItem<Payload>): Promise<void> {
    const { name, data, opts } = jobOf(item);
    await withLimit(`Adding to the queue ${queue}`, this.addLimitMs, this.queue(queue).add(name, data, opts));
  }

  /** Compares and refills now; returns when that is done. */
  reconcileNow(): Promise<void> {
    return this.reconciler.reconcileNow();
  }

  /**
   * Takes no more work, waits up to `graceMs` milliseconds for what runs, then aborts it and gives it back for another
   * process. Returns within a few seconds more. Can be called twice.
   */
  stop(graceMs: number): Promise<void> {
    this.stopped ??= this.stopOnce(graceMs);
    return this.stopped;
  }

  private async stopOnce(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.stopping.abort(), graceMs);
    const quietly = (what: string, limitMs: number, work: Promise<unknown>): Promise<unknown> =>
      withLimit(what, limitMs, work).catch((error: unknown) => this.errors.log('Stopping the queue', error));
    const runsMs = graceMs + CLOSE_LIMIT_MS;
    await Promise.all([
      quietly('Stopping the reconciler', runsMs, this.reconciler.stop()),
      ...this.workers.map((worker) => quietly('Stopping a worker', runsMs, worker.close())),
    ]);
    clearTimeout(timer);
    // Nothing runs any more: with the store gone, too, these must not wait out the grace a second and third time.
    const queues = [...this.queues.values()];
    await Promise.all(queues.map((queue) => quietly('Closing a queue', CLOSE_LIMIT_MS, queue.close())));
    await quietly('Closing the store', CLOSE_LIMIT_MS, this.store.close());
  }

  private startWorker(handler: WorkHandler): void {
    const runner = new JobRunner(handler, this.logger, this.stopping.signal);
    const worker = this.store.worker(handler.queue, (job, token) => runner.run(job, token), {
      ...LOCKS,
      autorun: false,
      concurrency: handler.concurrency ?? DEFAULT_CONCURRENCY,
      // A wake-up call that got lost costs a second, not ten.
      drainDelay: 1,
      maxStalledCount: NO_LIMIT,
      runRetryDelay: 1_000,
      settings: { backoffStrategy: backOff },
    });
    worker.on('error', (error) => this.onWorkerError(handler.queue, error));
    worker.run().catch((error: unknown) => this.errors.log(`The worker of ${handler.queue} ended`, error));
    this.workers.push(worker);
  }

  private onWorkerError(queue: string, error: Error): void {
    this.errors.log(`Queue ${queue}`, error);
    // Running work that the store does not know (any more): someone emptied it, so more is missing.
    if (/^(could not renew lock|Missing key) for job/.test(error.message))
      void this.reconciler.reconcileNow();
  }

  private onRebuilt(): void {
    this.logger.warn('The schema of the queue was gone and has been made again');
    void this.reconciler.reconcileNow();
  }

  private async fill(queue: string, items: WorkItem[]): Promise<number> {
    const ids = items.map((item) => jobIdOf(item.key));
    const existing = await this.store.existing(queue, ids);
    const missing = items.filter((_item, i) => !existing.has(ids[i] ?? ''));
    if (missing.length > 0) await this.queue(queue).addBulk(missing.map(jobOf));
    return missing.length;
  }

  private queue(name: string): JobQueue {
    let queue = this.queues.get(name);
    if (!queue) {
      queue = this.store.queue(name);
      queue.on('error', (error) => this.errors.log(`Queue ${name}`, error));
      this.queues.set(name, queue);
    }
    return queue;
  }
}

function jobOf(item: WorkItem): NewJob {
  return {
    name: 'work',
    data: { payload: JSON.stringify(item.payload ?? null) },
    opts: {
      jobId: jobIdOf(item.key),
      attempts: NO_LIMIT,
      backoff: { type: 'work' },
      // The same key can be added again as soon as its work has ended.
      removeOnComplete: true,
      removeOnFail: true,
      stackTraceLimit: 0,
    },
  };
}
