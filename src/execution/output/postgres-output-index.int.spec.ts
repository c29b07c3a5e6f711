// The output index on a real PostgreSQL, and the output store on top of it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { DirectoryBlobStore } from '../../platform/blobs/directory-blob-store.js';
import { outputIndexContract } from './output-index.contract.js';
import { OutputStore } from './output-store.js';
import {
  OUTPUT_SEGMENT_CONTENT,
  OUTPUT_SEGMENT_TABLE,
  PostgresOutputIndex,
} from './postgres-output-index.js';

let database: TestDatabase;
let pool: pg.Pool;
let root: string;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 10 });
  await pool.query('CREATE SCHEMA rotunda');
  await pool.query(OUTPUT_SEGMENT_TABLE);
  await pool.query(OUTPUT_SEGMENT_CONTENT);
  root = await mkdtemp(join(tmpdir(), 'output-'));
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
  if (root) await rm(root, { recursive: true, force: true });
});

outputIndexContract('PostgreSQL', async () => new PostgresOutputIndex(pool));

test('servers that append, seal and read one output at the same time keep every byte', async () => {
  const blobs = await DirectoryBlobStore.open(root);
  const stores = [0, 1].map(() => new OutputStore(blobs, new PostgresOutputIndex(pool)));
  const task = randomUUID();
  const whole = randomBytes(400_000);
  const send = async (store: OutputStore, size: number): Promise<void> => {
    for (let at = 0; at < whole.length;) {
      at = (await store.append(task, 0, at, whole.subarray(at, at + size))).offset;
      if (at % 7 === 0) await store.seal(task, 0);
    }
  };
  await Promise.all([send(stores[0]!, 3001), send(stores[1]!, 4099), stores[0]!.seal(task, 0)]);
  await stores[1]!.seal(task, 0);
  const read = Buffer.concat((await (await stores[0]!.read(task, 0)).toArray()) as Buffer[]);
  expect(read.equals(whole)).toBe(true);
});

test('200 MB in chunks of 1 MiB', async () => {
  const store = new OutputStore(await DirectoryBlobStore.open(root), new PostgresOutputIndex(pool));
  const task = randomUUID();
  const piece = randomBytes(1024 * 1024);
  for (let i = 0; i < 190; i++) await store.append(task, 0, i * piece.length, piece);
  expect(await store.length(task, 0)).toBe(190 * piece.length);
});
