// A program for the queue's tests: it takes work of the queue `doomed`, says so, and hangs until it is killed.
import { makeLogger } from '../telemetry/logger.js';
import { BullWorkQueue } from './bull-work-queue.js';

const queue = new BullWorkQueue({
  databaseUrl: process.env.QUEUE_DATABASE_URL ?? '',
  redisUrl: process.env.QUEUE_REDIS_URL || undefined,
  logger: makeLogger({ level: 'warn', format: 'text' }),
});
queue.register<{ note: string }>({
  queue: 'doomed',
  perform: ({ note }) => {
    process.stdout.write(`started ${note}\n`);
    return new Promise(() => undefined);
  },
  exhausted: () => Promise.resolve(),
  waiting: () => Promise.resolve([]),
});
await queue.start();
