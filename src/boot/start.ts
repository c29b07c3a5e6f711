// Starts a server. What is here is little, so that PostgreSQL starts while the rest of the program is being loaded.
import { join } from 'node:path';
import type { Settings } from '../../config/settings.js';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../platform/database/embedded/embedded-postgres.js';
import type { Logger } from '../platform/telemetry/logger.js';
import { holdDataDirectory } from './data-directory.js';
import type { RunningServer } from './server.js';
import { Undo } from './undo.js';

/**
 * Starts a server. When a part cannot start, those before it are stopped again and the error says which it was.
 * `publicUrl` follows the port that was taken unless it is set.
 */
export async function startServer(settings: Settings, logger: Logger): Promise<RunningServer> {
  const undo = new Undo(logger);
  try {
    // First of all: nothing below it may be touched while another server has it.
    const directory = await holdDataDirectory(settings.dataDirectory);
    undo.add('data directory', () => directory.release());
    const database = settings.databaseUrl === '' ? embeddedDatabase(settings, logger, undo) : undefined;
    const [started, { assemble }] = await Promise.all([database, import('./server.js')]);
    return await assemble(settings, started?.url ?? settings.databaseUrl, logger, undo);
  } catch (error) {
    await undo.all();
    throw error;
  }
}

function embeddedDatabase(settings: Settings, logger: Logger, undo: Undo): Promise<EmbeddedPostgres> {
  const starting = startEmbeddedPostgres({
    dataDirectory: join(settings.dataDirectory, 'pg'),
    log: (line) => logger.debug({ from: 'postgres' }, line),
  });
  // Also when the program could not be loaded meanwhile; why it did not start is told by who waits for it.
  undo.add('database', () =>
    starting.then(
      (postgres) => postgres.stop(),
      () => undefined,
    ),
  );
  return starting;
}
