// `rotunda admin`: what the keeper of a server does. Works on the server's database, beside the running server.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { settingsTable, type Settings } from '../../../config/settings.js';
import type { Logger } from '../../platform/telemetry/logger.js';
import { settingsAndLogger } from '../environment.js';
import { withSettingsTable } from '../settings-in-readme.js';

export function addAdminCommands(program: Command): void {
  const admin = program.command('admin').description('keeping a server');
  admin
    .command('settings')
    .description('print the settings as a Markdown table')
    .option('--write <file>', 'put the table into this file, between its marks')
    .action(async ({ write }: { write?: string }) => {
      if (write === undefined) process.stdout.write(`${settingsTable()}\n`);
      else await writeFile(write, withSettingsTable(await readFile(write, 'utf8')));
    });
  admin
    .command('rebuild')
    .description('make the tables of a projection anew from the event log, while the server goes on')
    .argument('<projection>', 'its name, or "all"')
    .action(async (name: string) => withPlatform(name, rebuild));
  admin
    .command('user-token')
    .description('make an API token for a user; the user is made when there is none')
    .argument('<login>')
    .action(async (login: string) => withServices(login, 'user'));
  admin
    .command('agent-token')
    .description('make a token for agents on other machines')
    .argument('<name>', 'what it is for')
    .action(async (name: string) => withServices(name, 'agent'));
}

type Opened = Awaited<ReturnType<typeof import('../../boot/platform.js').openPlatform>>;

async function withPlatform(
  name: string,
  work: (name: string, opened: Opened) => Promise<void>,
): Promise<void> {
  const { settings, logger } = settingsAndLogger();
  const { Undo } = await import('../../boot/undo.js');
  const { openPlatform } = await import('../../boot/platform.js');
  const undo = new Undo(logger);
  try {
    await work(name, await openPlatform(settings, await databaseOf(settings, logger, undo), logger, undo));
  } finally {
    await undo.all();
  }
}

async function rebuild(name: string, { followers, store, database }: Opened): Promise<void> {
  const { addProjections } = await import('../../boot/followers.js');
  const { rebuildProjection } = await import('../../platform/followers/rebuild.js');
  addProjections(followers);
  const names = name === 'all' ? followers.projectionNames() : [name];
  for (const each of names) {
    const started = performance.now();
    const events = await rebuildProjection(followers.projection(each), store, database);
    process.stdout.write(
      `${each}: ${events} events in ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
    );
  }
}

/** Appends to the log only: the running server, or the next one, takes it into its tables. */
async function withServices(login: string, kind: 'user' | 'agent'): Promise<void> {
  await withPlatform(login, async (_, { store }) => {
    const { issueTokenOffline } = await import('../../app-core/index.js');
    process.stdout.write(`${await issueTokenOffline(store, login, kind)}\n`);
  });
}

/** The database of the settings; else that of the data directory: the running one if a server has it, else our own. */
async function databaseOf(
  settings: Settings,
  logger: Logger,
  undo: { add(name: string, stop: () => Promise<unknown>): void },
): Promise<string> {
  if (settings.databaseUrl !== '') return settings.databaseUrl;
  const { startEmbeddedPostgres } = await import('../../platform/database/embedded/embedded-postgres.js');
  const { lockDirectory } = await import('../../boot/directory-lock.js');
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
