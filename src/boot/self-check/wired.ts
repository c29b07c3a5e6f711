// What Nest and TypeORM know, for the self-check.
import type { INestApplicationContext } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Wired } from './self-check.js';
import type { Class } from './written.js';

export async function wiredIn(
  app: INestApplicationContext,
  database: DataSource,
): Promise<Pick<Wired, 'entities' | 'tables' | 'provides'>> {
  const entities = database.entityMetadatas.map(
    ({ tableName, target }) => [tableName, target as Class<object>] as const,
  );
  const provides = (provider: Class<object>): boolean => isProvided(app, provider);
  return { entities: new Map(entities), tables: await tablesOf(database), provides };
}

/** The tables of the program in its database. */
export async function tablesOf(database: DataSource): Promise<Set<string>> {
  const rows: { name: string }[] = await database.query(
    'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()',
  );
  return new Set(rows.map(({ name }) => name));
}

function isProvided(app: INestApplicationContext, provider: Class<object>): boolean {
  try {
    return app.get(provider, { strict: false }) !== undefined;
  } catch {
    return false;
  }
}
