// The tables that the migrations make are all that the projections write.
import { expect, it } from '@jest/globals';
import { migrations } from '../../../migrations/index.js';
import { createTestDatabase } from '../../../test/support/test-database.js';
import { openDatabase } from '../../platform/database/data-source.js';
import { entities } from '../entities.js';
import { projections } from '../followers.js';
import { tablesOf } from './wired.js';

it('every table of a projection is in a new database', async () => {
  const test = await createTestDatabase();
  const database = await openDatabase({ url: test.url, poolSize: 2, entities, migrations });
  try {
    const existing = await tablesOf(database);
    const missing = projections.flatMap((each) => new each().tables).filter((table) => !existing.has(table));
    expect(missing).toEqual([]);
    expect(existing.has('no_such_table')).toBe(false);
  } finally {
    await database.destroy();
    await test.drop();
  }
}, 60_000);
