import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { BullWorkQueue } from './bull-work-queue.js';
import { workQueueContract } from './work-queue.contract.js';
import { RecordingHandler, recordedLogger, until } from './work-queue.testing.js';

const SCHEMA = 'rotunda_queue';

async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The drop and the workers can deadlock; PostgreSQL then ends one of the two, and an operator would try again. */
async function dropSchema(url: string): Promise<void> {
  await until('the schema is dropped', async () => {
    try {
      await run(url, `DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === '40P01') return false;
      throw error;
    }
  });
}

describe('BullWorkQueue on PostgreSQL', () => {
  workQueueContract(async () => {
    const database = await createTestDatabase();
    return {
      databaseUrl: database.url,
      wipe: () => dropSchema(database.url),
      dispose: () => database.drop(),
    };
  });
});

describe('what is special about PostgreSQL', () => {
  let database: TestDatabase;
  let queue: BullWorkQueue;
  const log = recordedLogger();

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => queue.stop(0));
  afterAll(() => database.drop());

  const ofQueue = `FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rotunda queue'`;

  async function start(...handlers: RecordingHandler[]): Promise<void> {
    queue = new BullWorkQueue({ databaseUrl: database.url, logger: log.logger });
    for (const handler of handlers) queue.register(handler);
    await queue.start();
  }

  it('uses few connections for many queues', async () => {
    const handlers = Array.from({ length: 12 }, (_, i) => new RecordingHandler(`many-${i}`));
    await start(...handlers);
    for (const handler of handlers) await queue.add(handler.queue, { key: 'x', payload: { note: 'x' } });
    await until('all performed', () => handlers.every((h) => h.done.length === 1));
    const [row] = await run(database.url, `SELECT count(*)::int AS n ${ofQueue}`);
    expect(row?.n).toBeGreaterThanOrEqual(2);
    expect(row?.n).toBeLessThanOrEqual(5);
  });

  it('rebuilds a schema that lost only some of its tables', async () => {
    const handler = new RecordingHandler('maimed');
    await start(handler);
    await run(database.url, `DROP TABLE ${SCHEMA}.job CASCADE`);
    await queue.add('maimed', { key: 'm', payload: { note: 'm' } });
    await until('performed', () => handler.done.length === 1);
  });

  it('goes on after all its connections were ended', async () => {
    const handler = new RecordingHandler('cut-off');
    await start(handler);
    await queue.add('cut-off', { key: 'before', payload: { note: 'before' } });
    await until('performed', () => handler.done.length === 1);
    await run(database.url, `SELECT pg_terminate_backend(pid) ${ofQueue}`);
    await until('added', () =>
      queue.add('cut-off', { key: 'after', payload: { note: 'after' } }).then(
        () => true,
        () => false,
      ),
    );
    await until('performed', () => handler.done.includes('after'), 5_000);
  });

  it('says at start when the database cannot be reached', async () => {
    queue = new BullWorkQueue({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', logger: log.logger });
    await expect(queue.start()).rejects.toThrow(/ECONNREFUSED/);
  });
});
