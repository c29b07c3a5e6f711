// The TypeORM connection to PostgreSQL, and its migrations.
import pg from 'pg';
import { PreparingClient } from './preparing-client.js';
import { DataSource, type EntitySchema, type MixedList } from 'typeorm';

export const DATABASE_SCHEMA = 'rotunda';
const MIGRATION_LOCK = '7233518012345678901';

type EntityClass = new () => object;
type MigrationClass = new () => object;

export interface DatabaseOptions {
  url: string;
  poolSize: number;
  entities: MixedList<EntityClass | EntitySchema>;
  migrations: MigrationClass[];
}

/** Opens the database: everything of ours lives in the schema `rotunda`, which is first on the search path. */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  await ensureSchema(options.url);
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

async function ensureSchema(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
  });
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${DATABASE_SCHEMA}`);
  } finally {
    await client.end();
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
