// The TypeORM connection to PostgreSQL, and its migrations.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { PreparingClient } from './preparing-client.js';
import { DataSource, type EntitySchema, type MixedList } from 'typeorm';
import { messageOf } from '../errors/errors.js';

export const DATABASE_SCHEMA = 'rotunda';
const MIGRATION_LOCK = '7233518012345678901';

type EntityClass = new () => object;
type MigrationClass = new () => object;

export interface DatabaseOptions {
  url: string;
  poolSize: number;
  entities: MixedList<EntityClass | EntitySchema>;
  migrations: MigrationClass[];
  /** How long a database that does not answer yet is waited for: it may be starting beside this program. Default 30,000. */
  waitMs?: number;
  /** Told once when it has to be waited for. */
  onWait?: (reason: string) => void;
}

const WAIT_MS = 30_000;
const TRY_EVERY_MS = 500;
/** Nobody listens there (yet), its name is not known (yet), PostgreSQL is starting or ending. */
const PASSES = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|57P0[1-3])$/;

/** Opens the database: everything of ours lives in the schema `rotunda`, which is first on the search path. */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  await ensureSchema(options);
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.entities,
    migrations: options.migrations,
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: options.poolSize,
    connectTimeoutMS: 10_000,
    applicationName: 'rotunda',
    extra: {
      Client: PreparingClient,
      options: `-c search_path=${DATABASE_SCHEMA}`,
      idleTimeoutMillis: 10_000,
      keepAlive: true,
    },
  });
  await source.initialize();
  await migrate(source);
  return source;
}

async function ensureSchema(options: DatabaseOptions): Promise<void> {
  const client = await firstConnection(options);
  try {
    await client.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${DATABASE_SCHEMA}`);
  } finally {
    await client.end();
  }
}

/** Throws an error that names the server, without user and password, when it does not answer or refuses. */
async function firstConnection({ url, waitMs = WAIT_MS, onWait }: DatabaseOptions): Promise<pg.Client> {
  const limit = Date.now() + waitMs;
  for (let tries = 1; ; tries += 1) {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 10_000,
      query_timeout: 60_000,
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const reason = `cannot connect to PostgreSQL at ${client.host}:${client.port}: ${messageOf(error)}`;
      if (!PASSES.test((error as { code?: string }).code ?? '') || Date.now() + TRY_EVERY_MS > limit)
        throw new Error(reason, { cause: error });
      if (tries === 1) onWait?.(reason);
      await pause(TRY_EVERY_MS);
    }
  }
}

/** Runs what is missing, one process at a time: the others wait for the lock and then find nothing to do. */
async function migrate(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  await runner.connect();
  try {
    await runner.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    await source.runMigrations();
  } finally {
    await runner.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`).catch(() => undefined);
    await runner.release();
  }
}
