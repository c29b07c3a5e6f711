// `rotunda up`: the server.
import type { Command } from 'commander';
import { settingsAndLogger, stopSignal } from '../environment.js';

export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('start the server')
    .option('--port <port>', 'port of the web server (ROTUNDA_PORT)')
    .option('--host <address>', 'address to listen on (ROTUNDA_HOST)')
    .option('--data <directory>', 'data directory (ROTUNDA_DATA_DIR)')
    .option('--roles <list>', 'what this process does (ROTUNDA_ROLES)')
    .action(up);
}

async function up(options: { port?: string; host?: string; data?: string; roles?: string }): Promise<void> {
  const { settings, logger } = settingsAndLogger({
    ...(options.port === undefined ? {} : { ROTUNDA_PORT: options.port }),
    ...(options.host === undefined ? {} : { ROTUNDA_HOST: options.host }),
    ...(options.data === undefined ? {} : { ROTUNDA_DATA_DIR: options.data }),
    ...(options.roles === undefined ? {} : { ROTUNDA_ROLES: options.roles }),
  });
  const stopped = stopSignal();
  const { startServer } = await import('../../boot/start.js');
  const server = await startServer(settings, logger);
  process.stdout.write(`rotunda is ready at ${server.url}\n`);
  if (server.firstToken) {
    process.stdout.write(`\n  administrator's token, shown this once: ${server.firstToken}\n\n`);
  }
  const signal = await stopped;
  logger.info({ signal }, 'stopping');
  await server.stop();
  // What is left then (a client that goes on looking for a Redis that is gone) must not keep the process.
  setTimeout(() => process.exit(), 1_000).unref();
}
