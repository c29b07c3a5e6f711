// The registry on a real PostgreSQL: log, projection and tables keep the contract, and one question costs one row.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migrations } from '../../../migrations/index.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { entities } from '../../boot/entities.js';
import { openDatabase } from '../../platform/database/data-source.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import { newId } from '../../platform/ids/ids.js';
import { parseOrbReference, type RegistryReference } from '../config/index.js';
import { orbRegistryContract } from './orb-registry.contract.js';
import { OrbProjection } from './orb.projection.js';
import { PostgresOrbRegistry } from './postgres-orb-registry.js';

let base: TestDatabase;
let database: DataSource;
beforeAll(async () => {
  base = await createTestDatabase();
  database = await openDatabase({ url: base.url, poolSize: 2, entities, migrations });
}, 120_000);
afterAll(async () => {
  await database?.destroy();
  await base?.drop();
});

orbRegistryContract('PostgreSQL', async () => {
  await database.query('TRUNCATE orb_namespace, orb, orb_version');
  const projection = new OrbProjection();
  return {
    registry: new PostgresOrbRegistry(database),
    take: (...events) =>
      database.transaction((db) =>
        projection.project(
          events.map((event) => ({ ...event, id: newId(), time: new Date() }) as unknown as RecordedEvent),
          db,
        ),
      ),
  };
});

test('the newest of ten thousand versions is found by an index', async () => {
  await database.query('TRUNCATE orb_namespace, orb, orb_version');
  await database.query(`
    INSERT INTO orb VALUES ('00000000-0000-7000-8000-000000000001', 'acme', 'acme/tool', false, true, '[]', now());
    INSERT INTO orb_version (orb_id, version, major, minor, patch, source, dependencies, published_at)
    SELECT '00000000-0000-7000-8000-000000000001', n / 1000 || '.' || n / 10 % 100 || '.' || n % 10, n / 1000, n / 10 % 100, n % 10, 's', '{}', now()
    FROM generate_series(0, 9999) n;
    ANALYZE orb, orb_version;`);
  let plan = '';
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const lines: { 'QUERY PLAN': string }[] = await database.query(`EXPLAIN ${text}`, values);
      plan = lines.map((line) => line['QUERY PLAN']).join('\n');
      return database.query(text, values);
    },
  } as unknown as DataSource;
  const registry = new PostgresOrbRegistry(explaining);
  for (const [text, version] of [
    ['acme/tool@3', '3.99.9'],
    ['acme/tool@3.7', '3.7.9'],
    ['acme/tool@volatile', '9.99.9'],
  ] as const) {
    const reference = parseOrbReference(text) as RegistryReference;
    const found = await registry.find(reference, { now: new Date() });
    expect(found?.resolvedReference).toBe(`acme/tool@${version}`);
    expect(plan).toContain('orb_version_newest');
    expect(plan).not.toMatch(/Seq Scan on orb_version/);
  }
});
