// What a PostgreSQL server process tells about itself in its data directory (file postmaster.pid), and whether it lives.
import { execFile } from 'node:child_process';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Postmaster {
  pid: number;
  /** The TCP port; 0 while the server has not written it yet. */
  port: number;
  /** Undefined when it has no Unix socket. */
  socketDirectory: string | undefined;
}

/** The server noted in the cluster's directory, living or not; undefined when there is none. */
export async function notedPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  // Lines: process id, data directory, start time, port, socket directory, address, shared memory key, status.
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!(Number.isInteger(pid) && pid > 0)) return undefined;
  return { pid, port: Number(lines[3] ?? 0) || 0, socketDirectory: lines[4] || undefined };
}

/** True while a process with this id lives and is a PostgreSQL server: the id may have gone to another program. */
export async function isLivePostgres(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  if (status !== undefined) return /^Name:\s+postgres$/m.test(status) && !/^State:\s+[ZX]/m.test(status);
  // No /proc (macOS).
  const shown = await run('ps', ['-o', 'stat=,comm=', '-p', String(pid)], { timeout: 5_000 }).catch(
    () => undefined,
  );
  return shown !== undefined && /postgres\s*$/.test(shown.stdout) && !shown.stdout.trim().startsWith('Z');
}

/**
 * True while this process lives and is the server of this cluster. Where the system does not tell (macOS), any
 * PostgreSQL with the noted id counts; connecting then asks it for its directory.
 */
export async function isLivePostgresOf(cluster: string, pid: number): Promise<boolean> {
  if (!(await isLivePostgres(pid))) return false;
  if (process.platform !== 'linux') return true;
  // A server's working directory is its data directory; that of another user's process cannot be read.
  const directory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return directory !== undefined && directory === (await realpath(cluster));
}

/** True while a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
