// One process at a time runs a follower: a session lock of PostgreSQL, freed by the server when its holder dies.
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Logger } from '../telemetry/logger.js';

/** Short, since a server that follows on a killed one waits this long for the lock to be freed. */
const RETRY_MS = 200;

/** Holds the locks of this process on one connection of its own. */
export class LeaderLocks {
  private client: pg.Client | undefined;
  private connecting: Promise<pg.Client> | undefined;
  private readonly held = new Set<string>();
  private readonly lostListeners = new Set<() => void>();
  private closed = false;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly databaseUrl: string,
    private readonly logger: Logger,
  ) {}

  /** Waits until this process leads `name`. `onLost` is called when the connection, and so the lock, is gone. */
  async acquire(name: string, onLost: () => void, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted && !this.closed) {
      try {
        if (await this.tryLock(name)) {
          this.held.add(name);
          this.lostListeners.add(onLost);
          return true;
        }
      } catch (error) {
        this.logger.warn({ err: error, lock: name }, 'cannot reach the database for the leader lock');
      }
      await pause(RETRY_MS, signal);
    }
    return false;
  }

  /** One at a time: a connection runs one query at a time. */
  private tryLock(name: string): Promise<boolean> {
    const turn = this.queue.then(async () => {
      const client = await this.connection();
      const { rows } = await client.query('SELECT pg_try_advisory_lock($1::bigint) AS ok', [
        lockNumber(name),
      ]);
      return rows[0].ok === true;
    });
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.lostListeners.clear();
    await this.client?.end().catch(() => undefined);
  }

  private connection(): Promise<pg.Client> {
    if (this.client) return Promise.resolve(this.client);
    this.connecting ??= this.connect().finally(() => (this.connecting = undefined));
    return this.connecting;
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
      keepAlive: true,
      application_name: 'rotunda-leader',
    });
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    await client.connect();
    this.client = client;
    return client;
  }

  private lost(client: pg.Client): void {
    if (this.client !== client || this.closed) return;
    this.client = undefined;
    this.held.clear();
    const listeners = [...this.lostListeners];
    this.lostListeners.clear();
    listeners.forEach((listener) => listener());
  }
}

function lockNumber(name: string): string {
  return createHash('sha256').update(`rotunda/${name}`).digest().readBigInt64BE(0).toString();
}

/** Resolves after `ms`, or at once when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
