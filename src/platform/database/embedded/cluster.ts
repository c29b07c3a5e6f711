// The files of an embedded PostgreSQL: <data directory>/cluster (the database), password, postgres.log.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './binaries.js';
import { assertCanEnter, type RunAs } from './postgres-user.js';

const run = promisify(execFile);
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;
/** The role that owns everything, and the database of the same name. */
export const OWNER = 'rotunda';

export interface Cluster {
  /** PostgreSQL's own data directory. */
  directory: string;
  logFile: string;
  password: string;
  runAs: RunAs | undefined;
}

/**
 * Opens the cluster below `dataDirectory`, made first when there is none. Throws when the user that PostgreSQL must run
 * as cannot reach the data directory or the programs.
 */
export async function openCluster(
  dataDirectory: string,
  binaries: PostgresBinaries,
  runAs: RunAs | undefined,
  log: (line: string) => void,
): Promise<Cluster> {
  const home = resolve(dataDirectory);
  await mkdir(home, { recursive: true });
  if (runAs) {
    await chmod(home, 0o711);
    await assertCanEnter(runAs, home, 'the data directory');
    await assertCanEnter(runAs, dirname(binaries.postgres), 'the PostgreSQL programs');
  }
  const directory = join(home, 'cluster');
  const passwordFile = join(home, 'password');
  if (!(await exists(directory))) {
    log('making the database');
    const password = randomBytes(24).toString('base64url');
    // The password first, the cluster by a rename last: whatever is killed in between, the next start begins anew.
    await writeFile(passwordFile, password, { mode: 0o600 });
    await initialise(home, directory, binaries.initdb, password, runAs);
  }
  const logFile = join(home, 'postgres.log');
  const { size } = await stat(logFile).catch(() => ({ size: 0 }));
  if (size > LOG_LIMIT_BYTES) await rename(logFile, `${logFile}.old`);
  return { directory, logFile, password: (await readFile(passwordFile, 'utf8')).trim(), runAs };
}

async function initialise(
  home: string,
  directory: string,
  initdb: string,
  password: string,
  runAs: RunAs | undefined,
): Promise<void> {
  const fresh = `${directory}.new`;
  const passwordForInitdb = join(home, 'password.initdb');
  await Promise.all([fresh, passwordForInitdb].map((path) => rm(path, { recursive: true, force: true })));
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordForInitdb, password, { mode: 0o600 });
  try {
    if (runAs) await Promise.all([fresh, passwordForInitdb].map((path) => chown(path, runAs.uid, runAs.gid)));
    const flags = [
      ['--pgdata', fresh],
      ['--username', OWNER],
      ['--pwfile', passwordForInitdb],
      ['--auth', 'scram-sha-256'],
      ['--encoding', 'UTF8'],
      // PostgreSQL's own C.UTF-8: the same order on every machine, whatever locales its system has.
      ['--locale-provider', 'builtin'],
      ['--builtin-locale', 'C.UTF-8'],
      ['--locale', 'C'],
    ].map(([name, value]) => `${name}=${value}`);
    await run(initdb, [...flags, '--no-sync', '--no-instructions'], {
      ...runAs,
      cwd: fresh,
      env: plainEnvironment(),
      timeout: 120_000,
    });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`the database could not be made in ${fresh}: ${stderr?.trim() || message}`, {
      cause: error,
    });
  } finally {
    await rm(passwordForInitdb, { force: true });
  }
  await rename(fresh, directory);
}

/** What PostgreSQL's programs need of the environment; the server's own holds secrets that are none of their business. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
