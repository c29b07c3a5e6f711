// Runs tasks with this machine's shell. There is no wall between a job and the machine: for one's own machine and for
// machines that exist for jobs only. Every task gets a home directory of its own, `<workRoot>/<taskId>`, so that
// `~/project` of two jobs never meet; what is outside of it (/tmp, installed programs) is shared.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { hostname, release, type as systemName } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { killTree, readEntry } from '../../../../platform/process/index.js';
import { expandHome } from '../../files/paths.js';
import {
  ExecutorError,
  type ExecutionEnvironment,
  type Executor,
  type PrepareRequest,
} from '../executor.port.js';
import { HostEnvironment, TASK_MARKER } from './host.environment.js';
import { PipePool } from './pipe-pool.js';
import { removeTree } from './remove-tree.js';

/** Variables of the agent's own environment that jobs may see. Not a list of those to hide: it could not be complete. */
const PASSED_ON = [
  ...['PATH', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'DISPLAY'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...[
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'NODE_EXTRA_CA_CERTS',
    'DOCKER_HOST',
    'JAVA_HOME',
    'GOROOT',
    'ANDROID_HOME',
  ],
];
const SCRATCH = '.agent';
const TASK_ID = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

export interface HostExecutorOptions {
  /** Directory for the tasks' home directories; made when missing. */
  workRoot: string;
  /** Names of further variables of the agent's environment that jobs may see. */
  passOn?: string[];
}

export class HostExecutor implements Executor {
  readonly name = 'host';
  private readonly workRoot: string;
  private readonly pipes = new PipePool();
  private readonly passedOn: Readonly<Record<string, string>>;

  constructor(options: HostExecutorOptions) {
    this.workRoot = resolve(options.workRoot);
    this.passedOn = passedOn(options.passOn);
  }

  async available(): Promise<{ ok: true; detail: string } | { ok: false; reason: string }> {
    if (process.platform === 'win32') return { ok: false, reason: 'the host executor needs Linux or macOS' };
    try {
      await promisify(execFile)('/bin/sh', ['-c', 'command -v tar && command -v mkfifo'], { timeout: 2000 });
      await mkdir(this.workRoot, { recursive: true });
    } catch (error) {
      return {
        ok: false,
        reason: `this machine needs /bin/sh, tar and mkfifo, and a writable ${this.workRoot}: ${String(error)}`,
      };
    }
    return { ok: true, detail: `the shell of ${hostname()} (${systemName()} ${release()})` };
  }

  async prepare(request: PrepareRequest): Promise<ExecutionEnvironment> {
    const { taskId, definition, log, signal } = request;
    signal.throwIfAborted();
    if (!TASK_ID.test(taskId)) throw new ExecutorError(`bad task id: ${taskId}`);
    const home = join(this.workRoot, taskId);
    const scratch = join(this.workRoot, SCRATCH, taskId);
    const made: string[] = [];
    try {
      mkdirSync(home, { recursive: true });
      mkdirSync(scratch, { recursive: true });
      this.pipes.prepare(scratch);
      writeFileSync(join(scratch, 'owner'), processIdentity(process.pid));
      const workingDirectory = this.makeWorkingDirectory(home, definition.workingDirectory, made);
      signal.throwIfAborted();
      const description = `Host executor on ${hostname()} (${systemName()} ${release()})`;
      log(`${description}\n`);
      for (const line of notes(request)) log(`${line}\n`);
      log(`Working directory: ${workingDirectory}\n`);
      return new HostEnvironment(
        { home, scratch, workingDirectory, made },
        this.pipes,
        { ...this.passedOn, HOME: home, [TASK_MARKER]: home },
        description,
      );
    } catch (error) {
      for (const path of [...made, home, scratch]) await removeTree(path);
      throw error;
    }
  }

  async cleanUp(alive: ReadonlySet<string>): Promise<void> {
    const ids = new Set([
      ...(await namesIn(this.workRoot)),
      ...(await namesIn(join(this.workRoot, SCRATCH))),
    ]);
    const spared = new Set(alive);
    for (const id of ids) {
      // Another agent of this machine may share the directory: its tasks live as long as it does.
      const owner = await readFile(join(this.workRoot, SCRATCH, id, 'owner'), 'utf8').catch(() => '');
      const pid = Number(owner.split(' ')[0]);
      if (pid > 0 && pid !== process.pid && processIdentity(pid) === owner) spared.add(id);
    }
    const prefix = `${this.workRoot}/`;
    const selects = (home: string) => home.startsWith(prefix) && !spared.has(home.slice(prefix.length));
    await killTree({ variable: { name: TASK_MARKER, selects } }, 0);
    for (const id of ids) {
      if (!TASK_ID.test(id) || spared.has(id)) continue;
      await removeTree(join(this.workRoot, id));
      await removeTree(join(this.workRoot, SCRATCH, id));
    }
  }

  private makeWorkingDirectory(home: string, written: string, made: string[]): string {
    const expanded = expandHome(written, home);
    const path = isAbsolute(expanded) ? resolve(expanded) : resolve(home, expanded);
    try {
      const first = mkdirSync(path, { recursive: true });
      if (first !== undefined && !first.startsWith(`${home}/`)) made.push(first);
    } catch (error) {
      throw new ExecutorError(`cannot make the working directory ${written}: ${reasonOf(error)}`, 'failed');
    }
    return path;
  }
}

/** The variables of the agent's own environment that jobs may see. */
function passedOn(more: string[] = []): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    const passed = PASSED_ON.includes(name) || name.startsWith('LC_') || more.includes(name);
    if (passed && value !== undefined) environment[name] = value;
  }
  environment['PATH'] ??= '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return environment;
}

/** What the user should know about a job that was written for something else than a shell on some machine. */
function notes({ definition: { executor, workingDirectory } }: PrepareRequest): string[] {
  const lines: string[] = [];
  if (executor.type === 'docker') {
    const [primary, ...services] = executor.images;
    lines.push(
      `Warning: the image ${primary?.image ?? '(none)'} is not used: steps run directly on this machine.`,
    );
    for (const service of services)
      lines.push(`Warning: the service container ${service.image} is not started.`);
  } else if (executor.type === 'macos') {
    lines.push(`Warning: Xcode ${executor.xcode} is not selected: steps run with what this machine has.`);
  }
  if (!workingDirectory.startsWith('~') && isAbsolute(workingDirectory)) {
    lines.push(
      `Note: ${workingDirectory} is outside of the job's own directory and is removed at the end only if the job made it.`,
    );
  }
  return lines;
}

/** Tells a process from a later one with the same number; '' when there is none. */
function processIdentity(pid: number): string {
  if (process.platform === 'linux') {
    const entry = readEntry(pid);
    return entry ? `${pid} ${entry.startedAt}` : '';
  }
  try {
    process.kill(pid, 0);
    return `${pid} `;
  } catch {
    return '';
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).filter((name) => name !== SCRATCH);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOTDIR' || code === 'EEXIST'
    ? 'a file is in the way'
    : code === 'EACCES'
      ? 'permission denied'
      : message;
}
