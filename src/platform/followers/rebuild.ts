// Makes the tables of a projection anew from the log while the server goes on working (DESIGN D2).
import type { DataSource, EntityManager } from 'typeorm';
import { LOG_START, type EventStore, type LogPosition } from '../event-store/event-store.port.js';
import { readCheckpoint, writeCheckpoint } from './checkpoints.js';
import type { Projection } from './follower.types.js';

const PAGE = 1000;

export interface RebuildProgress {
  events: number;
  position: LogPosition;
}

/**
 * Fills a second set of tables from the start of the log, catches up with the live ones, and takes their place in one
 * transaction. Readers see the old tables until then; the live follower notices that its checkpoint moved and goes on
 * from the new one. Returns the number of events that were read into the tables.
 */
export async function rebuildProjection(
  projection: Projection,
  store: EventStore,
  database: DataSource,
  onProgress: (progress: RebuildProgress) => void = () => undefined,
): Promise<number> {
  const shadow = `rebuild_${projection.name.replaceAll(/[^a-z0-9]/g, '_')}`;
  const live = (await database.query('SELECT current_schema() AS name'))[0].name as string;
  await database.transaction(async (db) => {
    await db.query(`DROP SCHEMA IF EXISTS ${shadow} CASCADE`);
    await db.query(`CREATE SCHEMA ${shadow}`);
    for (const table of projection.tables)
      await db.query(`CREATE TABLE ${shadow}.${table} (LIKE ${live}.${table} INCLUDING ALL)`);
  });
  let position: LogPosition = LOG_START;
  let events = 0;
  const fill = async (db: EntityManager, until?: LogPosition): Promise<boolean> => {
    const page = await store.readAll(position, { types: projection.eventTypes }, PAGE);
    const wanted = until === undefined ? page.events : page.events.filter((event) => event.position <= until);
    await db.query(`SET LOCAL search_path = ${shadow}, ${live}`);
    await db.query('SET LOCAL synchronous_commit = off');
    if (wanted.length > 0) await projection.project(wanted, db);
    await db.query(`SET LOCAL search_path = ${live}`);
    events += wanted.length;
    position = until !== undefined && page.next > until ? until : page.next;
    onProgress({ events, position });
    return page.atEnd || (until !== undefined && position >= until);
  };
  while (!(await database.transaction((db) => fill(db)))) {
    // Page by page, so that no transaction is long and a kill leaves only the shadow tables behind.
  }
  await database.transaction(async (db) => {
    // From here on the live follower waits at its checkpoint row, so both sets of tables stand at one place.
    const target = await readCheckpoint(db, projection.name, true);
    if (position < target) while (!(await fill(db, target)));
    for (const table of [...projection.tables].reverse()) await db.query(`DROP TABLE ${live}.${table}`);
    for (const table of projection.tables)
      await db.query(`ALTER TABLE ${shadow}.${table} SET SCHEMA ${live}`);
    await writeCheckpoint(db, projection.name, position > target ? position : target);
    await db.query(`DROP SCHEMA ${shadow} CASCADE`);
  });
  return events;
}
