// `rotunda admin`: what the keeper of a server does. Works on the server's database, beside the running server.
import { readFile, writeFile } from 'node:fs/promises';
import { Argument, InvalidArgumentError, type Command } from 'commander';
import { settingsTable } from '../../../config/settings.js';
import type { OpenedPlatform } from '../../boot/platform.js';
import { isUuid } from '../../platform/ids/ids.js';
import { listAgentsTo } from '../agents.js';
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
    .command('replay')
    .description(
      'do again what was made of stored files; the running server does it, or the next that starts',
    )
    .addArgument(new Argument('<what>', 'what to do again').choices(['test-results']))
    .option('--job <id>', 'of one job only', jobId)
    .action(async (_: string, { job }: { job?: string }) => replayTestResults(job));
  admin
    .command('user-token')
    .description('make an API token for a user; the user is made when there is none')
    .argument('<login>')
    .action(async (login: string) => withServices(login, 'user'));
  admin
    .command('agent-token')
    .description('make a token for agents on other machines')
    .argument('<name>', 'what it is for')
    .option('--resource-class <names...>', 'the only resource classes whose tasks it may claim; default: all')
    .action(async (name: string, { resourceClass }: { resourceClass?: string[] }) =>
      withServices(name, 'agent', resourceClass),
    );
  admin
    .command('agents')
    .description('list the agents of the last day: what they run, what they have, whether they are there')
    .option('--json', 'as JSON, one agent a line')
    .action(async ({ json = false }: { json?: boolean }) => listAgentsTo(process.stdout, json));
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

function jobId(text: string): string {
  if (!isUuid(text)) throw new InvalidArgumentError('It must be the id of a job.');
  return text.toLowerCase();
}

async function replayTestResults(job: string | undefined): Promise<void> {
  await withPlatform(async ({ store }) => {
    const { replayTestReports } = await import('../../execution/index.js');
    const reports = await replayTestReports(store, { jobId: job });
    process.stdout.write(
      `${reports} ${reports === 1 ? 'test report is' : 'test reports are'} to be parsed again\n`,
    );
  });
}

/** Appends to the log only: the running server, or the next one, takes it into its tables. */
async function withServices(
  login: string,
  kind: 'user' | 'agent',
  resourceClasses?: string[],
): Promise<void> {
  await withPlatform(async ({ store }) => {
    const { issueTokenOffline } = await import('../../app-core/index.js');
    process.stdout.write(`${await issueTokenOffline(store, login, kind, resourceClasses)}\n`);
  });
}
