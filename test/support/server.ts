// The real program as a test sees it: a process of its own with its own data directory, reached over HTTP.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiClient } from '../../src/cli/client.js';
import { until } from './until.js';

const MAIN = resolve('dist/src/cli/main.js');
const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 40_000;
const KEPT_LOG = 200_000;

export interface TestServerOptions {
  /** Over the defaults of the tests: a free port, the host executor. */
  env?: Record<string, string>;
}

export interface TestServer {
  readonly url: string;
  readonly dataDirectory: string;
  /** As the administrator. */
  readonly api: ApiClient;
  readonly token: string;
  /** The pid of the running server process. */
  pid(): number;
  /** The pid of the built-in agent, when it is a process of its own. */
  agentPid(): Promise<number>;
  /** The address of the embedded PostgreSQL, password included. */
  databaseUrl(): Promise<string>;
  /** What the process wrote so far, newest part. */
  log(): string;
  /** Ends the process as a power cut would; its PostgreSQL and its agent live on. */
  kill9(): Promise<void>;
  /** Starts it again on the same port and data directory. With `wait: false` it does not wait until it is ready. */
  restart(options?: { wait?: boolean }): Promise<void>;
  /**
   * Ends everything that belongs to it, gently where it can, and removes the data directory. Throws when the server
   * process had ended before anybody asked it to.
   */
  stop(): Promise<void>;
}

/** Starts a server and resolves when it is ready. Throws with its output when it does not get there in 60 s. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'rotunda-e2e-'));
  // PostgreSQL does not run as root: its own user must be able to pass.
  await chmod(dataDirectory, 0o755);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...plainEnvironment(),
    ROTUNDA_AGENT_EXECUTOR: 'host',
    ...options.env,
    ROTUNDA_DATA_DIR: dataDirectory,
    ROTUNDA_PORT: String(port),
  };
  let child: ChildProcess | undefined;
  let log = '';
  let isWanted = true;
  let unwantedEnd = '';

  const launch = (): void => {
    const started = spawn(process.execPath, [MAIN, 'up'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => (log = (log + text).slice(-KEPT_LOG)));
    }
    started.once('exit', (code, signal) => {
      if (isWanted)
        unwantedEnd = `the server ended by itself (code ${code}, signal ${signal}); its log ends:\n${log.slice(-5_000)}`;
    });
    isWanted = true;
    child = started;
  };
  const ready = async (): Promise<void> => {
    await until('the server to be ready', READY_LIMIT_MS, async () => {
      if (hasEnded(child!)) throw new Error(`the server ended while starting:\n${log}`);
      return (await answers(`${url}/health/ready`)) || undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${log}`);
    });
  };
  const kill9 = async (): Promise<void> => {
    if (!child || hasEnded(child)) return;
    isWanted = false;
    child.kill('SIGKILL');
    await ended(child, 10_000);
  };
  const stop = async (): Promise<void> => {
    if (child && !hasEnded(child)) {
      isWanted = false;
      child.kill('SIGTERM');
      await ended(child, STOP_LIMIT_MS).catch(() => kill9());
    }
    await endLeftovers(dataDirectory);
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    if (unwantedEnd !== '') throw new Error(unwantedEnd);
  };

  launch();
  try {
    await ready();
    const token = await until('the first token', 30_000, () => /shown this once: (\S+)/.exec(log)?.[1]);
    return {
      url,
      dataDirectory,
      token,
      api: new ApiClient({ url, token }),
      pid: () => child!.pid!,
      agentPid: () => agentPid(dataDirectory),
      databaseUrl: () => databaseUrl(dataDirectory),
      log: () => log,
      kill9,
      restart: async ({ wait = true } = {}) => {
        launch();
        if (wait) await ready();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** The environment of the tests without their own settings. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !name.startsWith('ROTUNDA_') && !['DATABASE_URL', 'REDIS_URL', 'NODE_OPTIONS'].includes(name),
    ),
  );
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function ended(child: ChildProcess, limitMs: number): Promise<void> {
  await until('the server to end', limitMs, () => hasEnded(child) || undefined);
}

async function agentPid(dataDirectory: string): Promise<number> {
  const note = await readFile(join(dataDirectory, 'agent', 'process.json'), 'utf8');
  return (JSON.parse(note) as { pid: number }).pid;
}

async function databaseUrl(dataDirectory: string): Promise<string> {
  const { port } = await postmaster(dataDirectory);
  const password = (await readFile(join(dataDirectory, 'pg', 'password'), 'utf8')).trim();
  return `postgres://rotunda:${encodeURIComponent(password)}@127.0.0.1:${port}/rotunda`;
}

/** Lines of the file: process id, data directory, start time, port. */
async function postmaster(dataDirectory: string): Promise<{ pid: number; port: number }> {
  const text = await readFile(join(dataDirectory, 'pg', 'cluster', 'postmaster.pid'), 'utf8');
  const lines = text.split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]) };
}

/** The agent and the PostgreSQL of a killed server live on: they are ended by their pids. */
async function endLeftovers(dataDirectory: string): Promise<void> {
  const agent = await agentPid(dataDirectory).catch(() => undefined);
  if (agent !== undefined && (await commandOf(agent)).includes(dataDirectory))
    await endProcess(agent, 'SIGTERM');
  const database = await postmaster(dataDirectory).catch(() => undefined);
  if (database && (await commandOf(database.pid)).includes(dataDirectory)) {
    await endProcess(database.pid, 'SIGINT');
  }
}

async function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

async function endProcess(pid: number, signal: NodeJS.Signals): Promise<void> {
  process.kill(pid, signal);
  await until(`process ${pid} to end`, 15_000, async () => (await commandOf(pid)) === '' || undefined).catch(
    () => process.kill(pid, 'SIGKILL'),
  );
}
