// Where each follower stands, in one small table.
import type { PoolClient, QueryResult } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { LOG_START, type LogPosition } from '../event-store/event-store.port.js';

export const checkpointSchemaSql = `
  CREATE TABLE IF NOT EXISTS follower_checkpoint (
    name text PRIMARY KEY,
    position text COLLATE "C" NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
  )`;

/** The stored place of a follower; the start of the log when it has none. `lock` holds the row until the transaction ends. */
export async function readCheckpoint(db: EntityManager, name: string, lock = false): Promise<LogPosition> {
  const rows: { position: string }[] = await db.query(
    `SELECT position FROM follower_checkpoint WHERE name = $1 ${lock ? 'FOR UPDATE' : ''}`,
    [name],
  );
  if (rows.length === 0 && lock) {
    await db.query(
      `INSERT INTO follower_checkpoint (name, position) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
      [name, LOG_START],
    );
    return readCheckpoint(db, name, true);
  }
  return rows[0]?.position ?? LOG_START;
}

export async function writeCheckpoint(db: EntityManager, name: string, position: LogPosition): Promise<void> {
  await db.query(
    `INSERT INTO follower_checkpoint (name, position) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET position = excluded.position, updated_at = now()`,
    [name, position],
  );
}

/**
 * Runs `work` in a transaction that holds the follower's checkpoint, and moves it to the place that `work` returns. The
 * statements before and after it go to the database in one message each: most batches are one or two events, and six
 * round trips around them were the larger part of the cost of a small pipeline.
 *
 * Read models are derived, and a commit that is lost with the machine is made again from the log: none waits for the disk.
 */
export async function inCheckpointTransaction(
  database: DataSource,
  name: string,
  work: (db: EntityManager, stored: LogPosition) => Promise<LogPosition>,
): Promise<void> {
  const runner = database.createQueryRunner();
  const client = (await runner.connect()) as PoolClient;
  try {
    const key = client.escapeLiteral(name);
    const begin = `BEGIN; SET LOCAL synchronous_commit = off; SELECT position FROM follower_checkpoint WHERE name = ${key} FOR UPDATE`;
    const results = (await client.query(begin)) as unknown as QueryResult<{ position: string }>[];
    const stored = results[2]?.rows[0]?.position ?? (await readCheckpoint(runner.manager, name, true));
    const next = await work(runner.manager, stored);
    const position = client.escapeLiteral(next);
    await client.query(
      `UPDATE follower_checkpoint SET position = ${position}, updated_at = now() WHERE name = ${key}; COMMIT`,
    );
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}
