// PostgreSQL refuses to run as root. When this process is root, the server runs as the user `postgres`, who must be
// able to enter the directories of the data and of the programs.
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../errors/errors.js';

const run = promisify(execFile);
const NAME = 'postgres';

export interface RunAs {
  uid: number;
  gid: number;
}

/** The user to run PostgreSQL as, made when there is none; undefined when this process is not root: it runs as itself. */
export async function postgresUser(): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = await lookUp().catch(() => undefined);
  if (found) return found;
  try {
    await run('groupadd', ['--force', '--system', NAME], { timeout: 10_000 });
    await run(
      'useradd',
      ['--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME],
      {
        timeout: 10_000,
      },
    );
    return await lookUp();
  } catch (error) {
    throw new Error(
      `PostgreSQL does not run as root, and the user ${NAME} for it could not be made: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function lookUp(): Promise<RunAs> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, NAME], { timeout: 5_000 })).stdout)),
  );
  return { uid: uid!, gid: gid! };
}

/**
 * Throws when the user cannot enter `directory` or one above it, naming the first that bars the way.
 * Only modes are looked at: a child started with another uid has no supplementary groups.
 */
export async function assertCanEnter(user: RunAs, directory: string, what: string): Promise<void> {
  const way: string[] = [];
  for (let at = resolve(directory); ; at = dirname(at)) {
    way.unshift(at);
    if (at === dirname(at)) break;
  }
  for (const at of way) {
    const { mode, uid, gid } = await stat(at);
    const execute = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if (mode & execute) continue;
    throw new Error(
      `PostgreSQL does not run as root, so it runs as the user ${NAME}, who cannot enter ${at} ` +
        `(mode ${(mode & 0o777).toString(8)}), which leads to ${what} ${directory}: ` +
        `move it to a place that every user can enter, or start the server as another user than root`,
    );
  }
}
