// `circleci tests run --command=...` (AGENT ): splits as `tests split` does, and has the front run a command
// that gets this node's tests on its standard input.
import type { Answer } from '../call.js';
import { parseFlags, UsageError } from '../flags.js';
import { wordsOf } from '../split/items.js';
import { SPLIT_FLAGS, splitOptions } from '../split/split-options.js';
import { splitTests } from '../split/split-tests.js';
import type { CommandContext } from './context.js';
import { failedItems } from './failed-items.js';
import { sourcesOf } from './sources.js';

const FLAGS = { ...SPLIT_FLAGS, command: 'text', verbose: 'boolean' } as const;
const NOTHING_READ =
  'No test names found in input source. If you were expecting test names, please check your input source.';

/** The answer has no command when this node has no test: the step goes on then. */
export async function testsRun(context: CommandContext): Promise<Answer> {
  const { call, environment } = context;
  const { flags } = parseFlags(call.args.slice(2), FLAGS, { v: 'verbose' });
  const line = flags.get('command');
  if (line === undefined || line.trim() === '') throw new UsageError('required flag(s) "command" not set');
  const options = splitOptions(flags, call.environment);
  const log = new Log(flags.get('verbose') === 'true', context.now());
  log.debug('Attempting to read from stdin. This will hang if no input is provided.');
  const read = wordsOf(call.input?.toString() ?? '');
  if (read.length === 0) log.warn(NOTHING_READ);
  const items = read.length === 0 ? read : await itemsToRun(read, context, log);
  const request = { ...options, items };
  const { share, messages } = await splitTests(request, sourcesOf(environment, call, options.timingsFile));
  for (const message of messages) log.plain(message);
  if (share.length === 0) return { code: 0, err: log.text };
  log.info('starting execution');
  log.debug(`Received: ${share.join(' ')}`);
  // Blanks between them and nothing at the end: some tell xargs that a blank is what separates arguments.
  return { code: 0, err: log.text, command: { line, input: share.join(' ') } };
}

async function itemsToRun(items: string[], { failedTests }: CommandContext, log: Log): Promise<string[]> {
  const tests = await failedTests();
  if (tests === undefined) return items;
  log.info(`received failed tests from workflow ${tests.workflowId}`);
  const again = failedItems(items, tests);
  log.debug(
    `${tests.failed.length} test(s) failed out of ${tests.total} total test(s). Rerunning ${again.length} test file(s)`,
  );
  log.debug(
    'if all tests are being run instead of only failed tests, ensure your JUnit XML has a file or classname attribute.',
  );
  return again.length === 0 ? items : again;
}

/** Lines in the form of the original: `INFO[2023-05-18T22:09:08Z] starting execution`. */
class Log {
  text = '';
  private readonly time: string;

  constructor(
    private readonly verbose: boolean,
    now: Date,
  ) {
    this.time = now.toISOString().replace(/\.\d+/, '');
  }

  debug(message: string): void {
    if (this.verbose) this.plain(`DEBUG[${this.time}] ${message}`);
  }
  info(message: string): void {
    this.plain(`INFO[${this.time}] ${message}`);
  }
  warn(message: string): void {
    this.plain(`WARN[${this.time}] ${message}`);
  }
  plain(line: string): void {
    this.text += `${line}\n`;
  }
}
