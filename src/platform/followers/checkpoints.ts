// Where each follower stands, in one small table.
import type { EntityManager } from 'typeorm';
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
