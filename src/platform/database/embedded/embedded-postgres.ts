// A real PostgreSQL, started by the program itself in its data directory: nothing to install, nothing to set up.
import { spawn } from 'node:child_process';
import { open, readFile, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { postgresBinaries } from './binaries.js';
import { openCluster, plainEnvironment, type Cluster } from './cluster.js';
import { urlOf, waitUntilReady, type Listening } from './connect.js';
import { isAlive, isLivePostgres, isLivePostgresOf, notedPostmaster } from './postmaster.js';
import { postgresUser } from './postgres-user.js';

const READY_LIMIT_MS = 60_000;
const ADOPT_LIMIT_MS = 30_000;
const FAST_STOP_LIMIT_MS = 20_000;
const STARTS = 40;
/** Bytes, on the strictest system (macOS). */
const LONGEST_SOCKET_PATH = 103;

/** For a busy small server: little memory of its own, few helper processes, every commit on disk before it is answered. */
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  max_connections: '60',
  shared_buffers: '32MB',
  huge_pages: 'off',
  jit: 'off',
  io_method: 'sync',
  fsync: 'on',
  synchronous_commit: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  wal_compression: 'off',
  min_wal_size: '64MB',
  max_wal_size: '256MB',
  autovacuum: 'on',
  autovacuum_max_workers: '2',
  max_logical_replication_workers: '0',
  logging_collector: 'off',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export interface EmbeddedPostgresOptions {
  /** Its own directory; made when missing. The caller sees to it that only one server process uses it at a time. */
  dataDirectory: string;
  log: (line: string) => void;
  /** Settings of PostgreSQL over the ones above: tests turn fsync off. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  /** With the password: not for logs. */
  url: string;
  pid: number;
  /** Ends it, within about 20 s; unfinished transactions are rolled back. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of a data directory, made first when there is none, and resolves when it accepts connections.
 * One that outlived a killed server process is taken over as it runs (its settings stay the old ones).
 * Throws with the path of the log or of the directory to blame.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const binaries = await postgresBinaries();
  const cluster = await openCluster(options.dataDirectory, binaries, await postgresUser(), log);
  const adopted = await adopt(cluster, log);
  if (adopted) return adopted;
  const settings = { ...SETTINGS, ...options.settings };
  for (let start = 1; ; start++) {
    const outcome = await launch(cluster, binaries.postgres, settings);
    if (!('failure' in outcome)) return outcome;
    // The port was taken meanwhile, or the processes of a killed server have not all ended yet: both pass.
    if (start < STARTS && /Address already in use|still in use|lock file/i.test(outcome.failure)) {
      await pause(100);
      continue;
    }
    throw new Error(`PostgreSQL ended while starting (its log: ${cluster.logFile}): ${outcome.failure}`);
  }
}

async function adopt(cluster: Cluster, log: (line: string) => void): Promise<EmbeddedPostgres | undefined> {
  const limit = Date.now() + ADOPT_LIMIT_MS;
  for (;;) {
    const noted = await notedPostmaster(cluster.directory);
    if (!noted || !(await isLivePostgresOf(cluster.directory, noted.pid))) return undefined;
    if (noted.port > 0) {
      const gone = async (): Promise<boolean> => !(await isLivePostgres(noted.pid));
      if (!(await waitUntilReady(cluster, noted, gone, ADOPT_LIMIT_MS))) return undefined;
      log(`took over the running PostgreSQL (process ${noted.pid})`);
      return handle(cluster, noted.pid, noted);
    }
    if (Date.now() > limit)
      throw new Error(`the PostgreSQL process ${noted.pid} of ${cluster.directory} does not answer`);
    await pause(15);
  }
}

async function launch(
  cluster: Cluster,
  program: string,
  settings: Record<string, string>,
): Promise<EmbeddedPostgres | { failure: string }> {
  const listening = { port: await freePort(), socketDirectory: socketDirectoryOf(cluster) };
  const stale = await notedPostmaster(cluster.directory);
  const logStart = (await stat(cluster.logFile).catch(() => ({ size: 0 }))).size;
  const logFile = await open(cluster.logFile, 'a', 0o600);
  const places = {
    port: String(listening.port),
    unix_socket_directories: listening.socketDirectory ?? '',
    unix_socket_permissions: '0700',
  };
  const flags = Object.entries({ ...settings, ...places }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  // A session of its own: Ctrl-C in the terminal must reach the server only, which then stops this in its order.
  const child = spawn(program, ['-D', cluster.directory, ...flags], {
    ...cluster.runAs,
    cwd: cluster.directory,
    detached: true,
    stdio: ['ignore', logFile.fd, logFile.fd],
    env: {
      ...plainEnvironment(),
      // The id in a stale postmaster.pid may belong to another program by now (adopt() has looked). PostgreSQL would
      // take that one for a running server, but lets the id in this variable pass; pg_ctl sets it for its own shell.
      ...(stale && isAlive(stale.pid) ? { PG_GRANDPARENT_PID: String(stale.pid) } : {}),
    },
  });
  let ended = false;
  const exit = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => void (ended = true));
  child.unref();
  await logFile.close();
  let ready: boolean;
  try {
    ready = await waitUntilReady(cluster, listening, () => ended, READY_LIMIT_MS);
  } catch (error) {
    if (!ended) child.kill('SIGQUIT');
    throw error;
  }
  if (ready && child.pid !== undefined) return handle(cluster, child.pid, listening);
  await exit;
  const said = (await readFile(cluster.logFile)).subarray(logStart).toString('utf8').trim();
  return { failure: said || 'it said nothing' };
}

function handle(cluster: Cluster, pid: number, listening: Listening): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  return { url: urlOf(cluster, listening), pid, stop: () => (stopping ??= stop(pid)) };
}

async function stop(pid: number): Promise<void> {
  for (const [signal, limitMs] of [
    ['SIGINT', FAST_STOP_LIMIT_MS],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!(await isLivePostgres(pid))) return;
    process.kill(pid, signal);
    const limit = Date.now() + limitMs;
    while (Date.now() < limit) {
      if (!(await isLivePostgres(pid))) return;
      await pause(10);
    }
  }
  throw new Error(`the PostgreSQL process ${pid} could not be ended`);
}

/** The cluster's own directory, which only PostgreSQL's user and root can enter; none when the path is too long for a socket. */
function socketDirectoryOf({ directory }: Cluster): string | undefined {
  const fits = Buffer.byteLength(join(directory, '.s.PGSQL.65535')) <= LONGEST_SOCKET_PATH;
  // A list of directories is separated by commas.
  return fits && !directory.includes(',') ? directory : undefined;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
