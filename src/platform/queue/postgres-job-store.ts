// BullMQ on PostgreSQL: all queues of the process share one small pool and one listening connection.
import { PostgresConnection, PostgresQueueBackend, withBackend, type QueueBaseOptions } from 'bullmq';
import { GuardedPool } from './guarded-pool.js';
import {
  KEPT_EVENTS,
  type JobData,
  type JobProcessor,
  type JobQueue,
  type JobStore,
  type JobWorker,
  type JobWorkerOptions,
} from './job-store.js';
import { withLimit } from './limits.js';

type PgListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>;

const CLOSE_LIMIT_MS = 5_000;

export interface PostgresJobStoreOptions {
  databaseUrl: string;
  schema: string;
  /** An idle connection broke, or the schema was rebuilt. */
  onError: (error: unknown) => void;
  onRebuilt: () => void;
}

/**
 * By itself BullMQ opens a pool and a listener for every queue and every worker. Its backends only need a connection
 * object, so they get one that they share and whose `close` is ours: a process with ten queues holds at most 5
 * PostgreSQL connections instead of 30 and more.
 */
class SharedConnection extends PostgresConnection {
  private ready: Promise<void> | undefined;
  private readonly inTurn = new WeakSet<PgListenClient>();

  constructor(private readonly guarded: GuardedPool) {
    super(guarded);
    this.setMaxListeners(0);
  }

  override waitUntilReady(): Promise<void> {
    if (!this.ready) {
      const ready = this.guarded.migrate();
      // A failure is not kept: the database may be up a second later.
      ready.catch(() => (this.ready = undefined));
      this.ready = ready;
    }
    return this.ready;
  }

  /**
   * Every worker sends its LISTEN on the one listening client, several at once when they start. They are sent one after
   * another: the driver deprecates queueing inside a client.
   */
  override async getListenClient(): Promise<PgListenClient> {
    const client = await super.getListenClient();
    if (!this.inTurn.has(client)) {
      this.inTurn.add(client);
      const query = client.query.bind(client);
      let last: Promise<unknown> = Promise.resolve();
      client.query = <R>(text: string, params?: readonly unknown[]) => {
        const mine = last.then(() => query<R>(text, params));
        last = mine.catch(() => undefined);
        return mine;
      };
    }
    return client;
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  shutDown(): Promise<void> {
    return super.close();
  }
}

export class PostgresJobStore implements JobStore {
  private readonly pool: GuardedPool;
  private readonly connection: SharedConnection;
  private readonly bull;

  constructor(options: PostgresJobStoreOptions) {
    this.pool = new GuardedPool(options);
    const connection = new SharedConnection(this.pool);
    connection.on('error', options.onError);
    this.connection = connection;
    this.bull = withBackend(
      (name: string, opts: QueueBaseOptions<SharedConnection>) =>
        new PostgresQueueBackend(connection, name, { ...opts, connection: this.pool }),
    );
  }

  open(): Promise<void> {
    return this.connection.waitUntilReady();
  }

  async repair(): Promise<void> {
    await this.pool.query('SELECT FROM migration, job LIMIT 0');
  }

  queue(name: string): JobQueue {
    return new this.bull.Queue<JobData, void>(name, {
      connection: this.connection,
      streams: { events: { maxLen: KEPT_EVENTS } },
    });
  }

  worker(name: string, process: JobProcessor, options: JobWorkerOptions): JobWorker {
    return new this.bull.Worker<JobData, void>(name, process, { ...options, connection: this.connection });
  }

  async existing(queue: string, jobIds: string[]): Promise<Set<string>> {
    const { rows } = await this.pool.query<{ id: string }>(
      'SELECT id FROM job WHERE queue = $1 AND id = ANY($2::text[])',
      [queue, jobIds],
    );
    return new Set(rows.map((row) => row.id));
  }

  async close(): Promise<void> {
    await withLimit('Closing the queue', CLOSE_LIMIT_MS, this.connection.shutDown());
    await withLimit('Closing the queue', CLOSE_LIMIT_MS, this.pool.end());
  }
}
