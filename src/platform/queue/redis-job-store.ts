// BullMQ on Redis: one connection for all queues of the process, and one blocking connection for each worker.
import { createRedisBackend, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import {
  KEPT_EVENTS,
  type JobData,
  type JobProcessor,
  type JobQueue,
  type JobStore,
  type JobWorker,
  type JobWorkerOptions,
} from './job-store.js';
import { withLimit } from './limits.js';

const CONNECT_LIMIT_MS = 10_000;
const LONGEST_RECONNECT_PAUSE_MS = 2_000;

export interface RedisJobStoreOptions {
  redisUrl: string;
  prefix: string;
  onError: (error: unknown) => void;
}

export class RedisJobStore implements JobStore {
  private readonly redis: Redis;
  private readonly prefix: string;
  private readonly bull = withBackend(createRedisBackend);

  constructor(options: RedisJobStoreOptions) {
    this.prefix = options.prefix;
    this.redis = new Redis(options.redisUrl, {
      lazyConnect: true,
      // BullMQ requires it: a worker waits through an outage. Adds have their own limit in BullWorkQueue.
      maxRetriesPerRequest: null,
      connectTimeout: CONNECT_LIMIT_MS,
      // How long a stopped process waits for the socket to close, also when there is none any more.
      disconnectTimeout: 200,
      retryStrategy: (times) => Math.min(times * 50, LONGEST_RECONNECT_PAUSE_MS),
    });
    this.redis.on('error', options.onError);
  }

  async open(): Promise<void> {
    await withLimit('Connecting to Redis', CONNECT_LIMIT_MS, this.redis.ping());
  }

  /** Redis has no schema: what FLUSHALL took away is only work, which the reconciler adds again. */
  repair(): Promise<void> {
    return Promise.resolve();
  }

  queue(name: string): JobQueue {
    return new this.bull.Queue<JobData, void>(name, {
      connection: this.redis,
      prefix: this.prefix,
      streams: { events: { maxLen: KEPT_EVENTS } },
    });
  }

  worker(name: string, process: JobProcessor, options: JobWorkerOptions): JobWorker {
    return new this.bull.Worker<JobData, void>(name, process, {
      ...options,
      connection: this.redis,
      prefix: this.prefix,
    });
  }

  async existing(queue: string, jobIds: string[]): Promise<Set<string>> {
    const pipeline = this.redis.pipeline();
    for (const id of jobIds) pipeline.exists(`${this.prefix}:${queue}:${id}`);
    const answers = (await pipeline.exec()) ?? [];
    return new Set(jobIds.filter((_id, i) => answers[i]?.[1] === 1));
  }

  close(): Promise<void> {
    this.redis.disconnect();
    return Promise.resolve();
  }
}
