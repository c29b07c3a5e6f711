// A fresh, empty database for one test file, in the PostgreSQL of the integration tests.
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  url: string;
  /** Drops it, ending whatever connections are left. */
  drop(): Promise<void>;
}

/** Throws when ROTUNDA_TEST_DATABASE_URL is not set: then the test is not run as an integration test. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.ROTUNDA_TEST_DATABASE_URL;
  if (!server)
    throw new Error(
      'ROTUNDA_TEST_DATABASE_URL is not set: run this as a project of Jest with a global set-up',
    );
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function onServer(server: string, sql: string): Promise<void> {
  const client = new pg.Client({
    connectionString: server,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
  });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
