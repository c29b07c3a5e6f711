// The event store in PostgreSQL tables.
import pg from 'pg';
import type {
  AppendResult,
  EventFilter,
  EventMetadata,
  EventStore,
  ExpectedRevision,
  LogPage,
  LogPosition,
  NewEvent,
  RecordedEvent,
  Subscription,
  SubscriptionOptions,
} from '../event-store.port.js';
import { Upcasters } from '../upcasters.js';
import { Appender } from './appender.js';
import { continueEpoch } from './epoch.js';
import { LogReader } from './log-reader.js';
import { LogSubscription } from './log-subscription.js';
import { LogTail } from './log-tail.js';
import { WakeUp } from './wake-up.js';

const PAGE = 500;
const LOG_CONNECTIONS = 2;
const STATEMENT_LIMIT_MS = 30_000;
/**
 * Every statement on the log is answered by one of its indexes, in the index's order. The planner cannot know how little
 * lies behind a position and would rather look through the whole log, or sort it.
 */
const PLANNING = '-c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off';

export interface PostgresEventStoreOptions {
  url: string;
  /**
   * Connections for appends and streams (default 8, opened as needed); the log's readers and the listener have three
   * more. With 4 connections 8 writers get three quarters of the appends that they get with 8.
   */
  poolSize?: number;
  upcasters?: Upcasters;
  /** How often to look for events whose wake-up call was lost, in milliseconds (default 1000). */
  pollMs?: number;
  /** Told of failures in the background, which are tried again. */
  onError?: (error: unknown) => void;
}

export class PostgresEventStore implements EventStore {
  private readonly subscriptions = new Set<Subscription>();
  private closed: Promise<void> | undefined;

  private constructor(
    private readonly pools: pg.Pool[],
    private readonly appender: Appender,
    private readonly reader: LogReader,
    private readonly tail: LogTail,
    private readonly wakeUp: WakeUp,
  ) {}

  /**
   * Connects to a database that has the tables (`eventStoreSchemaSql`). Throws when it cannot be reached, and when the
   * log has events that the upcasters do not lead to their newest version.
   */
  static async open(options: PostgresEventStoreOptions): Promise<PostgresEventStore> {
    const { upcasters = new Upcasters(), onError = () => undefined, pollMs = 1_000, poolSize = 8 } = options;
    const config = {
      connectionString: options.url,
      connectionTimeoutMillis: 10_000,
      statement_timeout: STATEMENT_LIMIT_MS,
      query_timeout: STATEMENT_LIMIT_MS + 5_000,
      keepAlive: true,
      application_name: 'rotunda-events',
      options: PLANNING,
    };
    const pools = [poolSize, LOG_CONNECTIONS].map((max) => new pg.Pool({ ...config, max }));
    for (const pool of pools) pool.on('error', onError);
    const [streams, log] = pools as [pg.Pool, pg.Pool];
    try {
      await continueEpoch(log);
      await assertReadable(log, upcasters);
      const reader = new LogReader(streams, log, upcasters);
      const tail = new LogTail((from, limit) => reader.readTail(from, limit), pollMs, onError);
      const wakeUp = new WakeUp(log, config, () => tail.wake(), onError);
      await wakeUp.start();
      return new PostgresEventStore(pools, new Appender(streams, upcasters), reader, tail, wakeUp);
    } catch (error) {
      await Promise.all(pools.map((pool) => pool.end()));
      throw error;
    }
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    metadata: EventMetadata,
  ): Promise<AppendResult> {
    const result = await this.appender.append(stream, expected, events, metadata);
    if (!result.repeated) {
      this.tail.wake();
      this.wakeUp.send();
    }
    return result;
  }

  readStream(stream: string, fromRevision?: number, limit?: number): Promise<RecordedEvent[]> {
    return this.reader.readStream(stream, fromRevision, limit);
  }

  readAll(from: LogPosition, filter?: EventFilter, limit: number = PAGE): Promise<LogPage> {
    return this.reader.readAll(from, filter, limit);
  }

  subscribe(options: SubscriptionOptions): Subscription {
    if (this.closed) throw new Error('the event store is closed');
    const subscription: Subscription = new LogSubscription(
      options,
      (from, limit) => this.reader.readAll(from, options.filter, limit),
      this.tail,
      () => this.subscriptions.delete(subscription),
    );
    this.subscriptions.add(subscription);
    return subscription;
  }

  head(): Promise<LogPosition> {
    return this.reader.head();
  }

  close(): Promise<void> {
    return (this.closed ??= this.end());
  }

  private async end(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    await this.wakeUp.close();
    await Promise.all(this.pools.map((pool) => pool.end()));
  }
}

async function assertReadable(pool: pg.Pool, upcasters: Upcasters): Promise<void> {
  const { rows } = await pool.query<{ type: string; schema_version: number }>(
    'SELECT type, schema_version FROM rotunda.event_versions ORDER BY type, schema_version',
  );
  for (const row of rows) upcasters.assertReadable(row.type, row.schema_version);
}
