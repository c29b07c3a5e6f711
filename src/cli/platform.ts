// Opens the database of a server for commands that work beside it, or without it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.js';
import type { OpenedPlatform } from '../boot/platform.js';
import type { Logger } from '../platform/telemetry/logger.js';
import { settingsAndLogger } from './environment.js';

/** What is to be undone at the end, in reverse. */
export interface Undoing {
  add(name: string, stop: () => Promise<unknown>): void;
}

/** Opens the platform for `work` and closes it again. */
export async function withPlatform(work: (opened: OpenedPlatform) => Promise<void>): Promise<void> {
  const { settings, logger } = settingsAndLogger();
  const { Undo } = await import('../boot/undo.js');
  const { openPlatform } = await import('../boot/platform.js');
  const undo = new Undo(logger);
  try {
    await work(await openPlatform(settings, await databaseOf(settings, logger, undo), logger, undo));
  } finally {
    await undo.all();
  }
}

/** The database of the settings; else that of the data directory: the running one if a server has it, else our own. */
export async function databaseOf(settings: Settings, logger: Logger, undo: Undoing): Promise<string> {
  if (settings.databaseUrl !== '') return settings.databaseUrl;
  const { startEmbeddedPostgres } = await import('../platform/database/embedded/embedded-postgres.js');
  const { lockDirectory } = await import('../boot/directory-lock.js');
  await mkdir(settings.dataDirectory, { recursive: true });
  const unlock = await lockDirectory(settings.dataDirectory);
  if (unlock) undo.add('data directory', unlock);
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(settings.dataDirectory, 'pg'),
    log: (line) => logger.debug(line),
  });
  if (unlock) undo.add('database', () => postgres.stop());
  return postgres.url;
}
