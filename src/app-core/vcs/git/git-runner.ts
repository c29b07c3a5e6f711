// Runs git: with our configuration only, no questions to anybody, a bounded number at a time, and errors in plain words.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

import { InvalidInputError, NotFoundError } from '../../../platform/errors/errors.js';
import { CommandError, type CommandResult, runCommand } from '../../../platform/process/run-command.js';
import { type GitSource, redact } from './git-source.js';
import { Slots } from './slots.js';

// safe.directory: sources may belong to another user. git does not hand settings of the command line on to the process
// that serves a local fetch, so this has to be a file.
const CONFIGURATION = `[safe]
	directory = *
[core]
	attributesFile = /dev/null
	excludesFile = /dev/null
	hooksPath = /dev/null
	logAllRefUpdates = false
	fsmonitor = false
[gc]
	auto = 0
	autoDetach = false
	pruneExpire = never
[maintenance]
	auto = false
[advice]
	detachedHead = false
[http]
	lowSpeedLimit = 100
	lowSpeedTime = 60
`;

const INHERITED = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'SSH_AUTH_SOCK', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...[
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'all_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'ALL_PROXY',
  ],
];

export interface GitRun {
  cwd?: string;
  input?: string;
  maxOutputBytes?: number;
  /** What the error is about. */
  source: GitSource;
  /** Network and disk work waits for a slot; quick reads of a mirror have their own, so that they never wait for it. */
  kind: 'read' | 'work';
}

export class GitRunner {
  private readonly slots: { read: Slots; work: Slots };
  private readonly environment: NodeJS.ProcessEnv;
  private configured?: Promise<void>;

  constructor(
    private readonly directory: string,
    readonly timeoutMs: number,
    maxConcurrent: number,
  ) {
    this.slots = { read: new Slots(maxConcurrent), work: new Slots(maxConcurrent) };
    const inherited = INHERITED.flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]]],
    );
    this.environment = {
      ...(Object.fromEntries(inherited) as NodeJS.ProcessEnv),
      LC_ALL: 'C',
      GIT_CONFIG_GLOBAL: join(directory, 'gitconfig'),
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: 'false',
      SSH_ASKPASS: 'false',
      SSH_ASKPASS_REQUIRE: 'never',
      // The first key that a host shows is kept: there is nobody to ask.
      GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=20 -o StrictHostKeyChecking=accept-new',
      GIT_NO_LAZY_FETCH: '1',
      GIT_OPTIONAL_LOCKS: '0',
    };
  }

  /** Runs git and gives its result, whatever its exit code. Errors as of `run`, but not for the exit code. */
  async attempt(args: string[], run: GitRun): Promise<CommandResult> {
    this.configured ??= this.configure().catch((error: unknown) => {
      this.configured = undefined;
      throw error;
    });
    await this.configured;
    const { cwd, input, maxOutputBytes, source } = run;
    return this.slots[run.kind].with(async () => {
      try {
        const { timeoutMs, environment: env } = this;
        return await runCommand('git', { args, cwd, input, maxOutputBytes, env, timeoutMs });
      } catch (error) {
        throw error instanceof CommandError ? faultOf(error, source, this.timeoutMs) : error;
      }
    });
  }

  /**
   * Runs git to success and gives its output.
   * @throws NotFoundError, InvalidInputError with a code `GIT.*` that says what is wrong with the source
   */
  async run(args: string[], run: GitRun): Promise<Buffer> {
    const { exitCode, stdout, stderr } = await this.attempt(args, run);
    if (exitCode !== 0) throw failureOf(stderr, run.source);
    return stdout;
  }

  private async configure(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const temporary = join(this.directory, `gitconfig.${randomUUID()}`);
    await writeFile(temporary, CONFIGURATION);
    await rename(temporary, join(this.directory, 'gitconfig'));
  }
}

function faultOf(error: CommandError, source: GitSource, timeoutMs: number): Error {
  if (error.fault === 'timeout') {
    return new InvalidInputError(
      'GIT.TIMEOUT',
      `Repository "${source.label}" did not answer within ${timeoutMs / 1000} s.`,
    );
  }
  if (error.fault === 'output_limit') {
    return new InvalidInputError(
      'GIT.TOO_LARGE',
      `Repository "${source.label}": what was asked for is too large.`,
    );
  }
  if (error.fault === 'not_found') return new Error('The program "git" is not installed on the server.');
  return error;
}

const FAILURES: [RegExp, 'notFound' | 'invalid', string, string][] = [
  [
    /could not resolve host|connection refused|failed to connect|couldn't connect|timed out|no route to host|network is unreachable|unable to connect|operation too slow/i,
    ...(['invalid', 'GIT.UNREACHABLE', 'its host cannot be reached'] as const),
  ],
  [
    /authentication failed|could not read (username|password)|permission denied|error: 40[13]|host key verification failed|unable to read askpass/i,
    ...(['invalid', 'GIT.ACCESS_DENIED', 'access is denied'] as const),
  ],
  [
    /does not appear to be a git repository|repository not exported|not a git repository|repository .*not found|error: 404|does not exist|not valid: is this a git repository/i,
    ...(['notFound', 'GIT.NOT_A_REPOSITORY', 'there is no git repository at this address'] as const),
  ],
];

/** The error for a failed git, from its error output (in English: LC_ALL is C). */
export function failureOf(stderr: string, source: GitSource): Error {
  for (const [pattern, kind, code, words] of FAILURES) {
    if (!pattern.test(stderr)) continue;
    const message = `Repository "${source.label}": ${words}.`;
    return kind === 'invalid' ? new InvalidInputError(code, message) : new NotFoundError(code, message);
  }
  const told = redact(stderr.replaceAll(source.url, source.label)).trim().slice(-500);
  return new InvalidInputError('GIT.FAILED', `Repository "${source.label}": git failed: ${told}`);
}
