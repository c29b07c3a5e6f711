// The queue's PostgreSQL connections: they rebuild the schema when someone dropped it, and repeat what can be repeated.
import { setTimeout as pause } from 'node:timers/promises';
import { quoteSchemaName, runMigrations, type PgPool, type PgPoolClient, type PgQueryResult } from 'bullmq';
import pg from 'pg';
import { messageOf } from '../errors/errors.js';
import { codeOf } from './repeated-errors.js';

const CONNECTIONS = 5;
const CONNECT_LIMIT_MS = 10_000;
const QUERY_LIMIT_MS = 30_000;
const RETRY_PAUSE_MS = 200;
const RECREATE_AT_MOST_EVERY_MS = 60_000;

/** A function, table, type or schema is not there (any more). */
const MISSING = new Set(['42883', '42P01', '3F000', '42704']);
/** It went away under a statement that had begun. */
const VANISHED = /cache lookup failed|could not open relation|relation with OID \d+ does not exist/;
/** Deadlock and serialization failure: rolled back, so it can be repeated. */
const REPEATABLE = new Set(['40P01', '40001']);

export interface GuardedPoolOptions {
  databaseUrl: string;
  schema: string;
  onRebuilt: () => void;
}

/**
 * The `pg.Pool` that BullMQ sees.
 *
 * Its connections commit without waiting for the disk (`synchronous_commit=off`): the queue is derived data, what a
 * crash of the machine forgets the reconciler adds again, and what it brings back is idempotent. It makes each step of
 * a job several times cheaper on a real disk, and spares the event store's commits the competition.
 */
export class GuardedPool implements PgPool {
  private readonly pool: pg.Pool;
  private readonly schema: string;
  private readonly onRebuilt: () => void;
  private rebuilding: Promise<void> | undefined;
  private recreatedAt = -Infinity;
  private readonly ending = new AbortController();

  constructor(options: GuardedPoolOptions) {
    this.schema = options.schema;
    this.onRebuilt = options.onRebuilt;
    this.pool = new pg.Pool({
      connectionString: options.databaseUrl,
      options: `-c search_path=${quoteSchemaName(options.schema)} -c synchronous_commit=off -c statement_timeout=${QUERY_LIMIT_MS}`,
      application_name: 'rotunda queue',
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      query_timeout: QUERY_LIMIT_MS,
      keepAlive: true,
    });
  }

  /** Read by BullMQ: with keep-alive it notices a dead listening connection and lets workers wait long. */
  get options(): { keepAlive: boolean } {
    return { keepAlive: true };
  }

  /** Runs one statement; a schema that is gone is rebuilt first and the statement repeated. */
  async query<R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    try {
      return await this.run<R>(text, params);
    } catch (error) {
      if (REPEATABLE.has(codeOf(error) ?? '')) return this.run<R>(text, params);
      if (!isSchemaGone(error)) {
        // BullMQ's workers ask again at once after any error that is not "connection refused"; this keeps a
        // restarting PostgreSQL from being asked thousands of times.
        if (isConnectionLost(error))
          await pause(RETRY_PAUSE_MS, undefined, { signal: this.ending.signal }).catch(() => undefined);
        throw error;
      }
    }
    await this.rebuild(false);
    try {
      return await this.run<R>(text, params);
    } catch (error) {
      if (!isSchemaGone(error)) throw error;
    }
    // The ledger of migrations is there but what it lists is not: only some of the tables were dropped.
    await this.rebuild(true);
    return this.run<R>(text, params);
  }

  /** Brings the schema to the state that this BullMQ needs; concurrent processes wait for each other. */
  async migrate(): Promise<void> {
    const client = await this.connect();
    try {
      await runMigrations(client, this.schema);
    } finally {
      client.release();
    }
  }

  connect(): Promise<PgPoolClient> {
    return this.pool.connect().then((client) => {
      // One listening connection serves every worker of the process, each with a listener of its own.
      client.setMaxListeners(0);
      return client as unknown as PgPoolClient;
    });
  }

  end(): Promise<void> {
    this.ending.abort();
    return this.pool.end();
  }

  on(event: 'error' | 'connect', listener: (value: never) => void): this {
    this.pool.on(event as 'error', listener as (error: Error) => void);
    return this;
  }

  removeAllListeners(event?: string): this {
    this.pool.removeAllListeners(event);
    return this;
  }

  private async run<R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    const { rows, rowCount } = await this.pool.query(text, params ? [...params] : undefined);
    return { rows: rows as R[], rowCount };
  }

  private rebuild(fromNothing: boolean): Promise<void> {
    this.rebuilding ??= this.rebuildOnce(fromNothing).finally(() => (this.rebuilding = undefined));
    return this.rebuilding;
  }

  private async rebuildOnce(fromNothing: boolean): Promise<void> {
    if (fromNothing) {
      if (performance.now() - this.recreatedAt < RECREATE_AT_MOST_EVERY_MS) return;
      this.recreatedAt = performance.now();
      await this.pool.query(`DROP SCHEMA IF EXISTS ${quoteSchemaName(this.schema)} CASCADE`);
    }
    await this.migrate();
    this.onRebuilt();
  }
}

function isSchemaGone(error: unknown): boolean {
  return MISSING.has(codeOf(error) ?? '') || (codeOf(error) === 'XX000' && VANISHED.test(messageOf(error)));
}

function isConnectionLost(error: unknown): boolean {
  return (
    /^(57P0|08|ECONN|EPIPE|ETIMEDOUT)/.test(codeOf(error) ?? '') ||
    /connection terminated|timeout exceeded when trying to connect/i.test(messageOf(error))
  );
}
