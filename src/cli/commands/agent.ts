// `rotunda agent`: runs jobs for a server, on this machine.
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { makeLogger } from '../../platform/telemetry/logger.js';

/** How long jobs are waited for when the server that the agent belongs to stops, in ms. */
const BUILT_IN_GRACE_MS = 10_000;

interface AgentArguments {
  server: string;
  token?: string;
  directory: string;
  capacity: number;
  executor: 'auto' | 'docker' | 'host' | 'fake';
  resourceClass: string[];
  label: Record<string, string>;
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
    .option('--label <key=value...>', 'shown in the list of agents', label, {})
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
  const { server: serverUrl, capacity, executor, resourceClass: resourceClasses } = options;
  const { name, label: labels, builtIn } = options;
  const agent = await makeAgent({
    serverUrl,
    token,
    directory,
    capacity,
    executor,
    resourceClasses,
    name,
    labels,
    builtIn,
    logger,
  });
  const signals = stopSignals();
  await agent.start();
  await signals.first;
  const running = agent.running;
  if (running > 0) {
    logger.info({ tasks: running }, 'no more tasks are taken; those that run are waited for');
    logger.info({}, 'a second signal cancels them');
  }
  void signals.second.then(() => agent.cancelAll());
  // The server starts its own agent again, and must not wait for hours to be stopped.
  await agent.drain(builtIn ? BUILT_IN_GRACE_MS : Infinity);
}

/** The first and the second SIGTERM or SIGINT; a third ends the process at once, whatever runs. */
function stopSignals(): { first: Promise<void>; second: Promise<void> } {
  const hear: (() => void)[] = [];
  const [first, second] = [0, 1].map((i) => new Promise<void>((resolve) => (hear[i] = resolve)));
  let count = 0;
  const on = (): void => (hear[count++] ?? (() => process.exit(130)))();
  process.on('SIGINT', on);
  process.on('SIGTERM', on);
  return { first: first!, second: second! };
}

function label(text: string, others: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]{1,100})=(.{0,200})$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('it is not KEY=VALUE');
  return { ...others, [name]: value! };
}

function url(text: string): string {
  if (!URL.canParse(text)) throw new InvalidArgumentError('it is not a URL');
  return text;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('it is not a whole number from 1');
  return Number(text);
}
