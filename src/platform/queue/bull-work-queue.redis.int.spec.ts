import { describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../../test/support/test-database.js';
import { BullWorkQueue } from './bull-work-queue.js';
import { workQueueContract } from './work-queue.contract.js';
import { recordedLogger, startRedis } from './work-queue.testing.js';

describe('BullWorkQueue on Redis', () => {
  workQueueContract(async () => {
    // The read model of what waits is in PostgreSQL, whichever store the queue uses.
    const [database, redis] = [await createTestDatabase(), await startRedis()];
    return {
      databaseUrl: database.url,
      redisUrl: redis.url,
      wipe: () => redis.flush(),
      dispose: async () => {
        await redis.stop();
        await database.drop();
      },
    };
  });
});

describe('what is special about Redis', () => {
  it('leaves PostgreSQL alone, and says when an add was not accepted in time', async () => {
    const redis = await startRedis();
    const queue = new BullWorkQueue({
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
      redisUrl: redis.url,
      logger: recordedLogger().logger,
      addLimitMs: 300,
    });
    await queue.start();
    await queue.add('kept', { key: 'k', payload: {} });
    await redis.stop();
    await expect(queue.add('kept', { key: 'l', payload: {} })).rejects.toThrow(
      /Adding to the queue kept took longer/,
    );
    await queue.stop(0);
  });
});
