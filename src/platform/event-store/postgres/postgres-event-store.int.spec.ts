// The PostgreSQL event store against the contract, and what only this adapter has to prove.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { newId } from '../../ids/ids.js';
import { eventStoreContract, numbered, numbersOf, someMetadata, until } from '../event-store.contract.js';
import { LOG_START, type RecordedEvent } from '../event-store.port.js';
import { Upcasters } from '../upcasters.js';
import { PostgresEventStore, type PostgresEventStoreOptions } from './postgres-event-store.js';
import { rawAppend } from './raw-append.js';
import { eventStoreSchemaSql } from './schema.js';

let database: TestDatabase;
/** Past the store: what other programs do to its tables. */
let raw: pg.Client;
const stores: PostgresEventStore[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  raw = new pg.Client({ connectionString: database.url });
  await raw.connect();
  await raw.query(eventStoreSchemaSql);
  await raw.query(eventStoreSchemaSql); // changes nothing
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});
afterAll(async () => {
  await raw.end();
  await database.drop();
});

async function open(options: Partial<PostgresEventStoreOptions> = {}): Promise<PostgresEventStore> {
  const store = await PostgresEventStore.open({ url: database.url, ...options });
  stores.push(store);
  return store;
}
/** A store that finds new events by its poll never: only by being told. */
const NO_POLL = { pollMs: 3_600_000 };
const freshStream = (): string => `s${newId().replaceAll('-', '')}-1`;
const inOrder = (events: RecordedEvent[]): boolean =>
  events.every((event, i) => i === 0 || events[i - 1]!.position < event.position);

eventStoreContract('PostgresEventStore', () => PostgresEventStore.open({ url: database.url }));

describe('transactions that commit out of order', () => {
  /** What a follower with the plain query sees of some streams, call by call. */
  class NaiveFollower {
    readonly got: number[] = [];
    private checkpoint = '0';
    constructor(private readonly streams: string[]) {}
    async poll(): Promise<void> {
      const { rows } = await raw.query<{ position: string; data: { n: number } }>(
        'SELECT position, data FROM rotunda.events WHERE position > $1 AND stream = ANY($2) ORDER BY position',
        [this.checkpoint, this.streams],
      );
      this.got.push(...rows.map((row) => row.data.n));
      this.checkpoint = rows.at(-1)?.position ?? this.checkpoint;
    }
  }

  it('are all seen once and in log order, where the plain `position > checkpoint` skips one', async () => {
    const store = await open();
    const [held, other] = [freshStream(), freshStream()];
    const naive = new NaiveFollower([held, other]);
    const got: RecordedEvent[] = [];
    const from = await store.head();
    store.subscribe({ from, handle: async (events) => void got.push(...events) });

    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    try {
      await holder.query('BEGIN');
      await rawAppend(holder, held, 0, { n: 1 });
      await store.append(other, 'none', numbered(2, 2), someMetadata);
      await naive.poll();
      expect(naive.got).toEqual([2, 3]);
      // The events are there for a writer, and not yet for followers: something can still come before them.
      expect(numbersOf(await store.readStream(other))).toEqual([2, 3]);
      expect(await store.readAll(from)).toEqual({ events: [], next: from, atEnd: true });
      expect(got).toEqual([]);
      await holder.query('COMMIT');
    } finally {
      await holder.end();
    }
    await store.append(other, 1, numbered(4, 1), someMetadata);
    await until(
      () => got.length >= 4,
      () => numbersOf(got),
    );
    await naive.poll();

    expect(numbersOf(got)).toEqual([1, 2, 3, 4]);
    expect(inOrder(got)).toBe(true);
    expect(naive.got).toEqual([2, 3, 4]);
  });

  it('are seen soon after the commit although nobody tells and no poll is near', async () => {
    const store = await open(NO_POLL);
    const [held, other] = [freshStream(), freshStream()];
    const got: RecordedEvent[] = [];
    store.subscribe({ from: await store.head(), handle: async (events) => void got.push(...events) });
    await raw.query('BEGIN');
    await rawAppend(raw, held, 0, { n: 1 });
    await store.append(other, 'none', numbered(2, 1), someMetadata);
    await raw.query('COMMIT');
    const committed = Date.now();
    await until(() => got.length === 2);
    expect(Date.now() - committed).toBeLessThan(500);
    expect(numbersOf(got)).toEqual([1, 2]);
  });

  it('do not skip an event whose position is lower than those already read', async () => {
    const store = await open();
    const [late, other] = [freshStream(), freshStream()];
    const got: RecordedEvent[] = [];
    store.subscribe({ from: await store.head(), handle: async (events) => void got.push(...events) });
    const reserved = await raw.query<{ position: string }>(
      `SELECT nextval(pg_get_serial_sequence('rotunda.events', 'position')) AS position`,
    );
    await store.append(other, 'none', numbered(1, 1), someMetadata);
    await until(() => got.length === 1);
    await rawAppend(raw, late, 0, { n: 2 }, reserved.rows[0]!.position);
    await store.append(other, 0, numbered(3, 1), someMetadata);
    await until(
      () => got.length === 3,
      () => numbersOf(got),
    );
    expect(numbersOf(got)).toEqual([1, 2, 3]);
  });
});

describe('reading at the end of the log', () => {
  it('costs no look at what is before', async () => {
    const store = await open(NO_POLL);
    const stream = freshStream();
    await store.append(stream, 'none', numbered(0, 300), someMetadata);
    const scanned = async (): Promise<{ seq: number; index: number }> => {
      const { rows } = await raw.query(
        `SELECT seq_tup_read::int AS seq, idx_scan::int AS index FROM pg_stat_user_tables
         WHERE schemaname = 'rotunda' AND relname = 'events'`,
      );
      return rows[0];
    };
    const got: RecordedEvent[] = [];
    store.subscribe({ from: await store.head(), handle: async (events) => void got.push(...events) });
    const before = await scanned();
    for (let n = 0; n < 20; n++) {
      await store.append(stream, 299 + n, numbered(n, 1), someMetadata);
      await until(() => got.length === n + 1);
    }
    // PostgreSQL counts a little late, all of a transaction at once.
    let after = await scanned();
    for (const limit = Date.now() + 20_000; after.index < before.index + 40 && Date.now() < limit;)
      after = await scanned();
    expect(after.index - before.index).toBeGreaterThanOrEqual(40);
    expect(after.seq - before.seq).toBe(0);
  });
});

describe('many writers', () => {
  it('lose and double nothing for a subscriber that is stopped and goes on from its checkpoint', async () => {
    const [first, second] = [await open({ poolSize: 4 }), await open({ poolSize: 4 })];
    const category = `w${newId().replaceAll('-', '')}`;
    const each = 150;
    const writers = Array.from({ length: 8 }, async (_, w) => {
      const store = w % 2 ? first : second;
      for (let i = 0; i < each; i++) {
        // Streams of their own with a known revision, and one that all share.
        await store.append(
          `${category}-${w}`,
          i === 0 ? 'none' : i - 1,
          numbered(w * each + i, 1),
          someMetadata,
        );
        if (i % 5 === 0) await store.append(`${category}-all`, 'any', numbered(-1, 1), someMetadata);
      }
    });
    let writing = true;
    const done = Promise.all(writers).then(() => (writing = false));
    const total = 8 * each + 8 * (each / 5);
    const got: RecordedEvent[] = [];
    let checkpoint = LOG_START;
    let restarts = 0;
    while (writing || got.length < total) {
      const target = Math.min(got.length + 100, total);
      const subscription = first.subscribe({
        from: checkpoint,
        filter: { categories: [category] },
        batchSize: 7,
        handle: async (events, next) => {
          got.push(...events);
          checkpoint = next;
        },
      });
      await until(
        () => got.length >= target,
        () => ({ got: got.length, target }),
      );
      await subscription.stop();
      restarts++;
    }
    await done;

    expect(restarts).toBeGreaterThan(5);
    expect(got).toHaveLength(total);
    expect(new Set(got.map((event) => event.id)).size).toBe(total);
    expect(inOrder(got)).toBe(true);
    for (const stream of new Set(got.map((event) => event.stream))) {
      const revisions = got.filter((event) => event.stream === stream).map((event) => event.revision);
      expect(revisions).toEqual(revisions.map((_, i) => i));
    }
  });
});

describe('waking up', () => {
  it('hears the appends of another process', async () => {
    const [reader, writer] = [await open(NO_POLL), await open(NO_POLL)];
    const got: RecordedEvent[] = [];
    const subscription = reader.subscribe({
      from: await reader.head(),
      handle: async (events) => void got.push(...events),
    });
    const stream = freshStream();
    const { position } = await writer.append(stream, 'none', numbered(0, 1), someMetadata);
    await until(() => subscription.position >= position);
    const second = await writer.append(stream, 0, numbered(1, 1), someMetadata);
    await until(() => subscription.position >= second.position);
    expect(numbersOf(got)).toEqual([0, 1]);
  });

  it('finds by its poll what nobody told of', async () => {
    const store = await open({ pollMs: 50 });
    const got: RecordedEvent[] = [];
    store.subscribe({ from: await store.head(), handle: async (events) => void got.push(...events) });
    await rawAppend(raw, freshStream(), 0, { n: 0 });
    await until(() => got.length === 1);
    await rawAppend(raw, freshStream(), 0, { n: 1 });
    await until(() => got.length === 2);
  });

  it('goes on when its connections are cut, and reads what came meanwhile', async () => {
    const errors: unknown[] = [];
    const [reader, writer] = [
      await open({ ...NO_POLL, onError: (e) => void errors.push(e) }),
      await open(NO_POLL),
    ];
    const got: RecordedEvent[] = [];
    reader.subscribe({ from: await reader.head(), handle: async (events) => void got.push(...events) });
    const stream = freshStream();
    await writer.append(stream, 'none', numbered(0, 1), someMetadata);
    await until(() => got.length === 1);
    await raw.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'rotunda-events' AND datname = current_database()`,
    );
    // Nobody hears of this one.
    await rawAppend(raw, stream, 1, { n: 1 });
    await until(
      () => got.length === 2,
      () => errors.map(String),
    );
    await writer.append(stream, 1, numbered(2, 1), someMetadata);
    await until(
      () => got.length === 3,
      () => errors.map(String),
    );
    expect(errors.length).toBeGreaterThan(0);
  });
});

describe('a log restored into another cluster', () => {
  it('keeps its order, is readable at once, and new events come behind the old ones', async () => {
    const store = await open();
    const stream = freshStream();
    await store.append(stream, 'none', numbered(0, 2), someMetadata);
    // As after a restore: the log's transaction ids are far beyond those that this cluster has given out.
    await raw.query('UPDATE rotunda.events SET tx = tx + 1000000000');
    expect((await store.readAll(LOG_START)).events).toEqual([]);

    const restored = await open();
    const head = await restored.head();
    expect(head).toBe((await restored.readStream(stream)).at(-1)!.position);
    const got: RecordedEvent[] = [];
    restored.subscribe({ from: head, handle: async (events) => void got.push(...events) });
    await restored.append(stream, 1, numbered(2, 2), someMetadata);
    await until(() => got.length === 2);
    expect(numbersOf(got)).toEqual([2, 3]);
    const page = await restored.readAll(LOG_START, { categories: [stream.split('-')[0]!] });
    expect(numbersOf(page.events)).toEqual([0, 1, 2, 3]);

    const { rows } = await raw.query('SELECT tx_offset FROM rotunda.event_log_epoch');
    await open();
    expect((await raw.query('SELECT tx_offset FROM rotunda.event_log_epoch')).rows).toEqual(rows);
  });
});

describe('upcasters', () => {
  const upcasters = (): Upcasters =>
    new Upcasters()
      .register('JobNamed', 1, (data) => ({ name: (data as { title: string }).title }))
      .register('JobNamed', 2, (data) => ({ ...(data as { name: string }), labels: [] }));

  it('lift the events that older releases recorded, on every way of reading', async () => {
    const old = await open();
    const stream = freshStream();
    await old.append(
      stream,
      'none',
      [
        { type: 'JobNamed', schemaVersion: 1, data: { title: 'build' } },
        { type: 'JobNamed', schemaVersion: 2, data: { name: 'test' } },
      ],
      someMetadata,
    );
    const store = await open({ upcasters: upcasters() });
    await store.append(
      stream,
      1,
      [{ type: 'JobNamed', schemaVersion: 3, data: { name: 'ship', labels: ['x'] } }],
      someMetadata,
    );
    const expected = [
      { schemaVersion: 3, data: { name: 'build', labels: [] } },
      { schemaVersion: 3, data: { name: 'test', labels: [] } },
      { schemaVersion: 3, data: { name: 'ship', labels: ['x'] } },
    ];
    expect(await store.readStream(stream)).toMatchObject(expected);
    const filter = { categories: [stream.split('-')[0]!] };
    expect((await store.readAll(LOG_START, filter)).events).toMatchObject(expected);
    const got: RecordedEvent[] = [];
    store.subscribe({ from: LOG_START, filter, handle: async (events) => void got.push(...events) });
    await until(() => got.length === 3);
    expect(got).toMatchObject(expected);
  });

  it('must lead to the newest version, or the store does not open', async () => {
    const old = await open();
    await old.append(freshStream(), 'none', [{ type: 'Renamed', schemaVersion: 1, data: {} }], someMetadata);
    await expect(open({ upcasters: new Upcasters().register('Renamed', 2, (data) => data) })).rejects.toThrow(
      'no upcaster leads from version 1 to 2',
    );
    await old.append(freshStream(), 'none', [{ type: 'Future', schemaVersion: 4, data: {} }], someMetadata);
    await expect(open({ upcasters: new Upcasters().register('Future', 1, (data) => data) })).rejects.toThrow(
      'a newer release has written them',
    );
  });

  it('refuse to append an event in an old version', async () => {
    const store = await open({ upcasters: upcasters() });
    await expect(
      store.append(freshStream(), 'none', [{ type: 'JobNamed', data: { title: 'x' } }], someMetadata),
    ).rejects.toThrow('set schemaVersion: 3');
  });
});
