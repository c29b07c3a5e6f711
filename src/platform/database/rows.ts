// Rows of read models by entities, with statements that are built once. TypeORM's query builder makes each statement
// anew, which cost as much processor time as PostgreSQL took to run it; what happens for every event goes through here.
import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';

type Db = DataSource | EntityManager;
type Change<E> = { [K in keyof E]?: E[K] };

/** What can write rows: an EntityManager, or something that only writes and therefore answers nothing. */
export interface RowWriter {
  readonly connection: DataSource;
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** Inserts one row or several, whole. */
export async function insertRows<E extends ObjectLiteral>(
  db: RowWriter,
  entity: EntityTarget<E>,
  given: E | readonly E[],
): Promise<void> {
  const rows = [given].flat() as E[];
  if (rows.length > 0) await db.query(...insertStatement(db, entity, rows));
}

/** Inserts rows, or replaces those that are there by their primary key. Two of `rows` with one key are refused. */
export async function upsertRows<E extends ObjectLiteral>(
  db: RowWriter,
  entity: EntityTarget<E>,
  given: E | readonly E[],
): Promise<void> {
  const rows = [given].flat() as E[];
  if (rows.length === 0) return;
  const [text, values] = insertStatement(db, entity, rows);
  const { primaryColumns, columns } = db.connection.getMetadata(entity);
  const set = columns.filter((column) => !column.isPrimary).map((c) => `${q(c)} = excluded.${q(c)}`);
  await db.query(
    `${text} ON CONFLICT (${primaryColumns.map(q).join(', ')}) DO UPDATE SET ${set.join(', ')}`,
    values,
  );
}

/** Changes the row with this `id`, or all rows that have these values. */
export async function updateRows<E extends ObjectLiteral>(
  db: RowWriter,
  entity: EntityTarget<E>,
  which: string | Change<E>,
  change: Change<E>,
): Promise<void> {
  const where = typeof which === 'string' ? ({ id: which } as unknown as Change<E>) : which;
  const values: unknown[] = [];
  const set = assignments(db, entity, change, values).join(', ');
  const condition = conditions(db, entity, where, values);
  await db.query(
    `UPDATE "${db.connection.getMetadata(entity).tableName}" SET ${set} WHERE ${condition}`,
    values,
  );
}

/** Deletes the rows that have these values. */
export async function deleteRows<E extends ObjectLiteral>(
  db: RowWriter,
  entity: EntityTarget<E>,
  where: Change<E>,
): Promise<void> {
  const values: unknown[] = [];
  const condition = conditions(db, entity, where, values);
  await db.query(`DELETE FROM "${db.connection.getMetadata(entity).tableName}" WHERE ${condition}`, values);
}

/** The rows that have these values; at most `limit`. Plain objects with the entity's properties. */
export async function findRows<E extends ObjectLiteral>(
  db: Db,
  entity: EntityTarget<E>,
  where: Change<E>,
  options: { orderBy?: (keyof E)[]; limit?: number } = {},
): Promise<E[]> {
  const metadata = connectionOf(db).getMetadata(entity);
  const values: unknown[] = [];
  const condition = conditions(db, entity, where, values);
  const order = (options.orderBy ?? []).map((property) => q(columnOf(db, entity, String(property))));
  const orderBy = order.length > 0 ? ` ORDER BY ${order.join(', ')}` : '';
  const limit = options.limit === undefined ? '' : ` LIMIT ${options.limit}`;
  const rows: Record<string, unknown>[] = await db.query(
    `SELECT ${metadata.columns.map(q).join(', ')} FROM "${metadata.tableName}" WHERE ${condition}${orderBy}${limit}`,
    values,
  );
  const { driver } = connectionOf(db);
  return rows.map(
    (row) =>
      Object.fromEntries(
        metadata.columns.map((c) => [c.propertyName, driver.prepareHydratedValue(row[c.databaseName], c)]),
      ) as E,
  );
}

/** The row that has these values; null when there is none. */
export async function findRow<E extends ObjectLiteral>(
  db: Db,
  entity: EntityTarget<E>,
  where: Change<E>,
): Promise<E | null> {
  return (await findRows(db, entity, where, { limit: 1 }))[0] ?? null;
}

/** The row that has these values. Throws when there is none: for rows that must be there. */
export async function getRow<E extends ObjectLiteral>(
  db: Db,
  entity: EntityTarget<E>,
  where: Change<E>,
): Promise<E> {
  const row = await findRow(db, entity, where);
  if (row) return row;
  throw new Error(`${connectionOf(db).getMetadata(entity).tableName} has no row ${JSON.stringify(where)}`);
}

function insertStatement<E extends ObjectLiteral>(
  db: RowWriter,
  entity: EntityTarget<E>,
  rows: readonly E[],
): [text: string, values: unknown[]] {
  const { columns, tableName } = db.connection.getMetadata(entity);
  const values: unknown[] = [];
  const tuples = rows.map((row) => {
    const places = columns.map((column) => {
      values.push(db.connection.driver.preparePersistentValue(row[column.propertyName], column));
      return `$${values.length}`;
    });
    return `(${places.join(', ')})`;
  });
  return [`INSERT INTO "${tableName}" (${columns.map(q).join(', ')}) VALUES ${tuples.join(', ')}`, values];
}

function conditions<E extends ObjectLiteral>(
  db: Db | RowWriter,
  entity: EntityTarget<E>,
  where: Change<E>,
  values: unknown[],
): string {
  const absent = Object.entries(where).find(([, value]) => value === undefined || value === null);
  // SQL would find nothing without a word.
  if (absent) throw new Error(`no value for "${absent[0]}" to look for`);
  return assignments(db, entity, where, values).join(' AND ');
}

/** `"column" = $n` for each; the values are added to `values`. */
function assignments<E extends ObjectLiteral>(
  db: Db | RowWriter,
  entity: EntityTarget<E>,
  given: Change<E>,
  values: unknown[],
): string[] {
  return Object.entries(given).map(([property, value]) => {
    const column = columnOf(db, entity, property);
    values.push(connectionOf(db).driver.preparePersistentValue(value, column));
    return `${q(column)} = $${values.length}`;
  });
}

function columnOf<E extends ObjectLiteral>(
  db: Db | RowWriter,
  entity: EntityTarget<E>,
  property: string,
): ColumnMetadata {
  const metadata = connectionOf(db).getMetadata(entity);
  const column = metadata.findColumnWithPropertyName(property);
  if (!column) throw new Error(`${metadata.name} has no column for "${property}"`);
  return column;
}

function connectionOf(db: Db | RowWriter): DataSource {
  return 'connection' in db ? db.connection : db;
}

function q(column: ColumnMetadata): string {
  return `"${column.databaseName}"`;
}
