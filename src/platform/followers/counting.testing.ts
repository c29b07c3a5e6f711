// A world of one projection for the specs of followers: numbers added up by stream, every row and event kept.
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openDatabase } from '../database/data-source.js';
import type { EventMetadata, EventStore, NewEvent, RecordedEvent } from '../event-store/event-store.port.js';
import type { RowWriter } from '../database/rows.js';
import { PostgresEventStore } from '../event-store/postgres/postgres-event-store.js';
import { eventStoreSchemaSql } from '../event-store/postgres/schema.js';
import { newId } from '../ids/ids.js';
import { checkpointSchemaSql } from './checkpoints.js';
import type { Projection } from './follower.types.js';

export interface World {
  url: string;
  database: DataSource;
  store: EventStore;
  close(): Promise<void>;
}

export const silent = pino({ level: 'silent' });

export async function openWorld(): Promise<World> {
  const test: TestDatabase = await createTestDatabase();
  const database = await openDatabase({ url: test.url, poolSize: 6, entities: [], migrations: [] });
  await database.query(eventStoreSchemaSql);
  await database.query(checkpointSchemaSql);
  await database.query('CREATE TABLE sums (stream text PRIMARY KEY, total bigint NOT NULL)');
  await database.query('CREATE TABLE seen (event_id uuid NOT NULL, n int NOT NULL)');
  const store = await PostgresEventStore.open({ url: test.url });
  const close = async (): Promise<void> => {
    await store.close();
    await database.destroy();
    await test.drop();
  };
  return { url: test.url, database, store, close };
}

/** Not idempotent on purpose: an event that comes twice is seen in its rows. */
export class Sums implements Projection {
  readonly name = 'sums';
  readonly tables = ['sums', 'seen'];
  readonly eventTypes = ['Added'];
  /** Called before anything is written, with how often it was called. */
  before: (call: number) => void | Promise<void> = () => undefined;
  /** Called after everything is written, before the commit. */
  after: (call: number) => void = () => undefined;
  private calls = 0;

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    const call = ++this.calls;
    await this.before(call);
    for (const event of events) {
      const { n } = event.data as { n: number };
      await db.query(
        'INSERT INTO sums VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET total = sums.total + excluded.total',
        [event.stream, n],
      );
      await db.query('INSERT INTO seen VALUES ($1, $2)', [event.id, n]);
    }
    this.after(call);
  }
}

export function metadata(): EventMetadata {
  const id = newId();
  return { correlationId: id, causationId: id, actor: { type: 'system', id: 'test' } };
}

/** Appends the numbers `from` to `to`, one event each, to one stream. */
export async function appendNumbers(store: EventStore, from: number, to: number, stream = 'counter-1') {
  const events: NewEvent[] = [];
  for (let n = from; n <= to; n++) events.push({ type: 'Added', data: { n } });
  return store.append(stream, 'any', events, metadata());
}

export async function seenNumbers(database: DataSource): Promise<number[]> {
  const rows: { n: number }[] = await database.query('SELECT n FROM seen ORDER BY n');
  return rows.map(({ n }) => n);
}

export const numbersTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
