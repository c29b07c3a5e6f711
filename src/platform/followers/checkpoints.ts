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

/** Places by the names of followers. */
export type Checkpoints = ReadonlyMap<string, LogPosition>;

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
 * Notes where followers stand that may be told of events twice: in one message to the database, and without waiting for
 * the disk.
 */
export function saveCheckpoints(database: DataSource, places: Checkpoints): Promise<void> {
  return withClient(database, async (client) => {
    const values = [...places].map(
      ([name, position]) => `(${client.escapeLiteral(name)}, ${client.escapeLiteral(position)})`,
    );
    await client.query(
      `BEGIN; SET LOCAL synchronous_commit = off;
       INSERT INTO follower_checkpoint (name, position) VALUES ${values.join(', ')}
       ON CONFLICT (name) DO UPDATE SET position = excluded.position, updated_at = now(); COMMIT`,
    );
  });
}

/**
 * Runs `work` in a transaction that holds the checkpoints of these followers, and moves them to the places that `work`
 * returns. The statements before and after it go to the database in one message each: most batches are one or two
 * events, and six round trips around them were the larger part of the cost of a small pipeline.
 *
 * Read models are derived, and a commit that is lost with the machine is made again from the log: none waits for the disk.
 */
export function inCheckpointTransaction(
  database: DataSource,
  names: readonly string[],
  work: (db: EntityManager, stored: Checkpoints) => Promise<Checkpoints>,
): Promise<void> {
  return withClient(database, async (client, db) => {
    const keys = names.map((name) => client.escapeLiteral(name)).join(', ');
    // One order of locking for all, so that two transactions never wait for each other.
    const begin = `BEGIN; SET LOCAL synchronous_commit = off;
      SELECT name, position FROM follower_checkpoint WHERE name IN (${keys}) ORDER BY name FOR UPDATE`;
    type Row = { name: string; position: string };
    const results = (await client.query(begin)) as unknown as QueryResult<Row>[];
    const stored = new Map(results[2]!.rows.map(({ name, position }) => [name, position]));
    for (const name of names) if (!stored.has(name)) stored.set(name, await readCheckpoint(db, name, true));
    const moved = [...(await work(db, stored))].map(
      ([name, position]) => `(${client.escapeLiteral(name)}, ${client.escapeLiteral(position)})`,
    );
    const update = `UPDATE follower_checkpoint c SET position = moved.position, updated_at = now()
      FROM (VALUES ${moved.join(', ')}) moved (name, position) WHERE c.name = moved.name;`;
    await client.query(`${moved.length > 0 ? update : ''} COMMIT`);
  });
}

async function withClient(
  database: DataSource,
  work: (client: PoolClient, db: EntityManager) => Promise<void>,
): Promise<void> {
  const runner = database.createQueryRunner();
  try {
    const client = (await runner.connect()) as PoolClient;
    try {
      await work(client, runner.manager);
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  } finally {
    await runner.release();
  }
}
