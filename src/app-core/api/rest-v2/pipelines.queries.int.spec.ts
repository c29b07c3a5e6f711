// A page of pipelines costs the same however many there are: counted in database blocks, which do not depend on the machine.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { migrations } from '../../../../migrations/index.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { entities } from '../../../boot/entities.js';
import { DATABASE_SCHEMA, openDatabase } from '../../../platform/database/data-source.js';
import { PipelineQueries } from './pipelines.queries.js';

const ROWS = 200_000;
/** An index walk of 21 rows takes three or four blocks for each row at most; reading the table takes thousands. */
const MOST_BLOCKS = 300;

let test: TestDatabase;
let database: DataSource;
let queries: PipelineQueries;

const uuid = (n: string): string => `('00000000-0000-7000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;
const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

beforeAll(async () => {
  test = await createTestDatabase();
  await (await openDatabase({ url: test.url, poolSize: 2, entities, migrations })).destroy();
  // One connection: it tells its own counts before it is asked for the next ones.
  const extra = { options: `-c search_path=${DATABASE_SCHEMA}` };
  database = await new DataSource({
    type: 'postgres',
    url: test.url,
    poolSize: 1,
    entities,
    extra,
  }).initialize();
  queries = new PipelineQueries(database);
  // Project 1 has all pipelines but the first 30, which are those of project 2, an old one of another organisation.
  await database.query(`
    INSERT INTO project SELECT ${uuid('p')}, 'gh/org' || p || '/demo', 'demo', ${uuid('p')}, 'gh/org' || p, 'org' || p, 'u', 'main', now()
    FROM generate_series(1, 2) p;
    INSERT INTO pipeline
    SELECT ${uuid('n')}, ${uuid('CASE WHEN n <= 30 THEN 2 ELSE 1 END')}, 'gh/acme/demo', n, 'created', '{}', '{}',
      'branch' || n % 1000, ${uuid('n % 1000')}, '{}', NULL, '[]', now(), now()
    FROM generate_series(1, ${ROWS}) n;
    UPDATE pipeline SET actor_id = ${uuid('5000')} WHERE number <= 25;
    ANALYZE;`);
}, 120_000);

afterAll(async () => {
  await database?.destroy();
  await test?.drop();
});

type List = (token?: string) => Promise<{ items: number[]; next_page_token: string | null }>;
const number = (row: { number: number }): number => row.number;

it.each<[string, number, List]>([
  ['a project', ROWS, (token) => queries.ofProject(id(1), {}, token, number)],
  ['a branch', ROWS - 993, (token) => queries.ofProject(id(1), { branch: 'branch7' }, token, number)],
  ['a user in a project', ROWS - 993, (token) => queries.ofProject(id(1), { actorId: id(7) }, token, number)],
  ['everything', ROWS, (token) => queries.ofAll({}, token, number)],
  ['a user', ROWS - 993, (token) => queries.ofAll({ actorId: id(7) }, token, number)],
  ['a quiet user', 25, (token) => queries.ofAll({ actorId: id(5000) }, token, number)],
  [
    'a quiet user in a project',
    25,
    (token) => queries.ofProject(id(2), { actorId: id(5000) }, token, number),
  ],
  [
    'a quiet user in an organisation',
    25,
    (token) => queries.ofAll({ actorId: id(5000), organizationSlug: 'gh/org2' }, token, number),
  ],
  ['a busy organisation', ROWS, (token) => queries.ofAll({ organizationSlug: 'gh/org1' }, token, number)],
  ['a quiet organisation', 30, (token) => queries.ofAll({ organizationSlug: 'gh/org2' }, token, number)],
])('the newest pipelines of %s, and the page after', async (_, newest, list) => {
  const start = await blocksRead();
  const first = await list();
  const middle = await blocksRead();
  expect(first.items).toHaveLength(20);
  expect(first.items[0]).toBe(newest);
  const second = await list(first.next_page_token!);
  expect(second.items[0]).toBeLessThan(first.items[19]!);
  const blocks = [middle - start, (await blocksRead()) - middle];
  expect(blocks.filter((n) => n === 0 || n > MOST_BLOCKS)).toEqual([]);
});

/** Blocks of the table and its indexes that were asked for so far, by everybody. */
async function blocksRead(): Promise<number> {
  await database.query('SELECT pg_stat_force_next_flush()');
  await database.query('SELECT pg_stat_clear_snapshot()');
  const rows: { n: string }[] = await database.query(
    `SELECT heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit AS n
     FROM pg_statio_user_tables WHERE relname = 'pipeline'`,
  );
  return Number(rows[0]!.n);
}
