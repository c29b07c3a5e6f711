// `rotunda agent`: runs jobs for a server, on this machine.
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { makeLogger } from '../../platform/telemetry/logger.js';
import { stopSignal } from '../environment.js';

interface AgentArguments {
  server: string;
  token?: string;
  directory: string;
  capacity: number;
  executor: 'auto' | 'docker' | 'host' | 'fake';
  resourceClass: string[];
  name: string;
  builtIn?: boolean;
}

export function addAgentCommand(program: Command): void {
  program
    .command('agent')
    .description('run jobs for a server, on this machine')
    .requiredOption('--server <url>', 'the server', url)
    .option(
      '--token <token>',
      'an agent token; better in ROTUNDA_AGENT_TOKEN, which other users of the machine cannot see',
    )
    .option('--directory <path>', 'where jobs and output are kept', './.rotunda-agent')
    .option('--capacity <n>', 'tasks at once', wholeNumber, 2)
    .addOption(
      new Option('--executor <name>', 'how docker jobs run')
        .choices(['auto', 'docker', 'host', 'fake'])
        .default('auto'),
    )
    .option('--resource-class <names...>', 'resource classes to serve', ['*'])
    .option('--name <name>', 'shown to people', hostname())
    // For the server, which starts it so.
    .addOption(new Option('--built-in').hideHelp())
    .action(runAgent);
}

async function runAgent(options: AgentArguments): Promise<void> {
  const token = options.token ?? process.env['ROTUNDA_AGENT_TOKEN'] ?? '';
  if (token === '')
    throw new Error(
      'an agent needs a token: ROTUNDA_AGENT_TOKEN or --token (make one with: rotunda admin agent-token NAME)',
    );
  delete process.env['ROTUNDA_AGENT_TOKEN'];
  const logger = makeLogger({ level: process.env['ROTUNDA_LOG_LEVEL'] ?? 'info', format: 'text' });
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true });
  const { makeAgent } = await import('../../boot/make-agent.js');
  const { server: serverUrl, capacity, executor, resourceClass: resourceClasses, name, builtIn } = options;
  const agent = await makeAgent({
    serverUrl,
    token,
    directory,
    capacity,
    executor,
    resourceClasses,
    name,
    builtIn,
    logger,
  });
  const stopped = stopSignal();
  await agent.start();
  await stopped;
  await agent.drain(10_000);
}

function url(text: string): string {
  if (!URL.canParse(text)) throw new InvalidArgumentError('it is not a URL');
  return text;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('it is not a whole number from 1');
  return Number(text);
}
