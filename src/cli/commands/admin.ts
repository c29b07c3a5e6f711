// `rotunda admin`: what the keeper of a server does. Works on the server's database, beside the running server.
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { settingsTable } from '../../../config/settings.js';
import type { OpenedPlatform } from '../../boot/platform.js';
import { withPlatform } from '../platform.js';
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
    .action(async (name: string) => withPlatform((opened) => rebuild(name, opened)));
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

async function rebuild(name: string, { followers, store, database }: OpenedPlatform): Promise<void> {
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
  await withPlatform(async ({ store }) => {
    const { issueTokenOffline } = await import('../../app-core/index.js');
    process.stdout.write(`${await issueTokenOffline(store, login, kind)}\n`);
  });
}
