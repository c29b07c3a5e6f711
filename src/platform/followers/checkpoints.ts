// Where each follower stands, in one small table.
import pg, { type PoolClient, type QueryResult } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { DATABASE_SCHEMA } from '../database/data-source.js';
import { PreparingClient } from '../database/preparing-client.js';
import type { RowWriter } from '../database/rows.js';
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
 * Connections for the transactions of followers. What does not need an answer is sent without waiting for one (`pipeline`):
 * a small batch is two round trips in all, and holds its locks for no longer.
 */
export function followerPool(databaseUrl: string): pg.Pool {
  return new pg.Pool({
    connectionString: databaseUrl,
    max: 3,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: 'rotunda-followers',
    options: `-c search_path=${DATABASE_SCHEMA}`,
    Client: PreparingClient,
    pipeline: true,
  } as pg.PoolConfig);
}

/**
 * Notes where followers stand that may be told of events twice: in one message to the database, and without waiting for
 * the disk.
 */
export function saveCheckpoints(pool: pg.Pool, places: Checkpoints): Promise<void> {
  return withClient(pool, async (client) => {
    await client.query(
      `BEGIN; SET LOCAL synchronous_commit = off;
       INSERT INTO follower_checkpoint (name, position) VALUES ${rowsOf(client, places)}
       ON CONFLICT (name) DO UPDATE SET position = excluded.position, updated_at = now(); COMMIT`,
    );
  });
}

/**
 * Runs `work` in a transaction that holds the checkpoints of these followers, and moves them to the places that `work`
 * returns. What `work` writes goes to the database in one go with the end of the transaction; a statement that fails
 * fails all.
 *
 * Read models are derived, and a commit that is lost with the machine is made again from the log: none waits for the disk.
 */
export function inCheckpointTransaction(
  pool: pg.Pool,
  database: DataSource,
  names: readonly string[],
  work: (db: RowWriter, stored: Checkpoints) => Promise<Checkpoints>,
): Promise<void> {
  return withClient(pool, async (client) => {
    const keys = names.map((name) => client.escapeLiteral(name)).join(', ');
    // One order of locking for all, so that two transactions never wait for each other.
    const begin = `BEGIN; SET LOCAL synchronous_commit = off;
      SELECT name, position FROM follower_checkpoint WHERE name IN (${keys}) ORDER BY name FOR UPDATE`;
    type Row = { name: string; position: string };
    const results = (await client.query(begin)) as unknown as QueryResult<Row>[];
    const stored = new Map(results[2]!.rows.map(({ name, position }) => [name, position]));
    for (const name of names) if (!stored.has(name)) stored.set(name, await beginAtStart(client, name));
    const writes: Promise<unknown>[] = [];
    const send = async (text: string, values?: unknown[]): Promise<void> => {
      const write = client.query(text, values);
      write.catch(() => undefined);
      writes.push(write);
    };
    const moved = await work({ connection: database, query: send }, stored);
    if (moved.size > 0)
      await send(
        `UPDATE follower_checkpoint c SET position = moved.position, updated_at = now()
         FROM (VALUES ${rowsOf(client, moved)}) moved (name, position) WHERE c.name = moved.name`,
      );
    // A transaction in which a statement failed is rolled back by this.
    await send('COMMIT');
    await Promise.all(writes);
  });
}

async function beginAtStart(client: PoolClient, name: string): Promise<LogPosition> {
  const values = [name, LOG_START];
  await client.query(
    `INSERT INTO follower_checkpoint (name, position) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    values,
  );
  const { rows } = await client.query<{ position: string }>(
    'SELECT position FROM follower_checkpoint WHERE name = $1 FOR UPDATE',
    [name],
  );
  return rows[0]?.position ?? LOG_START;
}

/** `('name', 'position'), ...` */
function rowsOf(client: PoolClient, places: Checkpoints): string {
  const literal = (text: string): string => client.escapeLiteral(text);
  return [...places].map(([name, position]) => `(${literal(name)}, ${literal(position)})`).join(', ');
}

async function withClient(pool: pg.Pool, work: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  let broken = false;
  try {
    await work(client);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}
