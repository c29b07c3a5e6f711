// Rows by entities on a real table: every kind of column comes back as it went in, and statements outlive changes of the table.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Column, Entity, PrimaryColumn, type DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openDatabase } from './data-source.js';
import { findRow, findRows, getRow, insertRows, updateRows, upsertRows } from './rows.js';

@Entity('thing')
class ThingEntity {
  @PrimaryColumn('uuid') id!: string;
  @PrimaryColumn('int', { name: 'part_no' }) part!: number;
  @Column('text', { nullable: true }) label!: string | null;
  @Column('jsonb') list!: unknown;
  @Column('bigint') size!: string;
  @Column('boolean', { name: 'is_on' }) isOn!: boolean;
  @Column('timestamptz', { name: 'made_at' }) madeAt!: Date;
}

let test: TestDatabase;
let database: DataSource;
beforeAll(async () => {
  test = await createTestDatabase();
  database = await openDatabase({ url: test.url, poolSize: 3, entities: [ThingEntity], migrations: [] });
  await database.query(
    `CREATE TABLE thing (id uuid, part_no int, label text, list jsonb, size bigint, is_on boolean, made_at timestamptz,
     PRIMARY KEY (id, part_no))`,
  );
});
afterAll(async () => {
  await database.destroy();
  await test.drop();
});

const ID = '0198f2aa-0000-7000-8000-000000000001';
const thing = (part: number, more: Partial<ThingEntity> = {}): ThingEntity => ({
  id: ID,
  part,
  label: `it's "${part}"`,
  list: ['a', { b: null }],
  size: '9007199254740993',
  isOn: part % 2 === 0,
  madeAt: new Date('2026-01-02T03:04:05.678Z'),
  ...more,
});

describe('rows', () => {
  it('come back as they went in, one or several at once', async () => {
    await insertRows(database.manager, ThingEntity, thing(1));
    await insertRows(database.manager, ThingEntity, [thing(2, { label: null, list: 'text' }), thing(3)]);
    await insertRows(database.manager, ThingEntity, []);
    expect(await findRows(database, ThingEntity, { id: ID }, { orderBy: ['part'] })).toEqual([
      thing(1),
      thing(2, { label: null, list: 'text' }),
      thing(3),
    ]);
    expect(await findRows(database, ThingEntity, { id: ID }, { orderBy: ['part'], limit: 1 })).toHaveLength(
      1,
    );
  });

  it('are changed and replaced by their keys, others stay', async () => {
    await updateRows(database.manager, ThingEntity, { id: ID, part: 2 }, { label: 'new', isOn: false });
    await upsertRows(database.manager, ThingEntity, [thing(3, { size: '5' }), thing(4)]);
    expect(await getRow(database, ThingEntity, { id: ID, part: 2 })).toEqual(
      thing(2, { label: 'new', isOn: false, list: 'text' }),
    );
    expect(await findRow(database, ThingEntity, { part: 3 })).toEqual(thing(3, { size: '5' }));
    expect(await findRow(database, ThingEntity, { part: 4 })).toEqual(thing(4));
    expect(await findRow(database, ThingEntity, { part: 9 })).toBeNull();
    await expect(getRow(database, ThingEntity, { part: 9 })).rejects.toThrow('thing has no row {"part":9}');
  });

  it('are not looked for by nothing, nor by what is no column', async () => {
    await expect(findRow(database, ThingEntity, { id: undefined })).rejects.toThrow('no value for "id"');
    await expect(findRow(database, ThingEntity, { nonsense: 1 } as never)).rejects.toThrow(
      'no column for "nonsense"',
    );
  });

  it('are found by statements that were prepared before the table was made anew', async () => {
    for (let i = 0; i < 5; i++) await findRow(database, ThingEntity, { part: 1 });
    const prepared = await database.query(
      `SELECT count(*)::int AS n FROM pg_prepared_statements WHERE statement LIKE '%"thing"%'`,
    );
    expect(prepared[0].n).toBeGreaterThan(0);
    await database.query('CREATE SCHEMA shadow');
    await database.query('CREATE TABLE shadow.thing (LIKE thing INCLUDING ALL)');
    await database.transaction(async (db) => {
      await db.query('SET LOCAL search_path = shadow');
      await insertRows(db, ThingEntity, thing(1, { label: 'shadow' }));
    });
    await database.transaction(async (db) => {
      await db.query('DROP TABLE thing');
      await db.query('ALTER TABLE shadow.thing SET SCHEMA rotunda');
    });
    for (let i = 0; i < 5; i++)
      expect(await findRow(database, ThingEntity, { part: 1 })).toEqual(thing(1, { label: 'shadow' }));
  });
});
