// What Nest and TypeORM know, for the self-check.
import type { INestApplicationContext } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Wired } from './self-check.js';
import type { Class } from './written.js';

export function wiredIn(
  app: INestApplicationContext,
  database: DataSource,
): Pick<Wired, 'entities' | 'provides'> {
  const entities = database.entityMetadatas.map(
    ({ tableName, target }) => [tableName, target as Class<object>] as const,
  );
  return { entities: new Map(entities), provides: (provider) => isProvided(app, provider) };
}

function isProvided(app: INestApplicationContext, provider: Class<object>): boolean {
  try {
    return app.get(provider, { strict: false }) !== undefined;
  } catch {
    return false;
  }
}
