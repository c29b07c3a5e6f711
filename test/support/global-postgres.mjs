// Jest's global set-up of the integration tests: one PostgreSQL for all of them, unless ROTUNDA_TEST_DATABASE_URL
// names one. Every test file makes its own database in it (test-database.ts).
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../dist/src/platform/database/embedded/embedded-postgres.js';

export default async function globalSetup() {
  if (process.env.ROTUNDA_TEST_DATABASE_URL) return;
  const dataDirectory = await mkdtemp(join(tmpdir(), 'rotunda-test-postgres-'));
  const postgres = await startEmbeddedPostgres({
    dataDirectory,
    log: () => undefined,
    // Nobody needs this data after a power cut.
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: '200' },
  });
  process.env.ROTUNDA_TEST_DATABASE_URL = postgres.url;
  globalThis.rotundaTestPostgres = { postgres, dataDirectory };
}
