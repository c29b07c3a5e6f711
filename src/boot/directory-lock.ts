// Which server process has a data directory: the one that listens on the socket `server.lock` in it.
//
// A noted process id cannot tell: in a container the id of a killed server soon belongs to a thread of the next one, and
// a server in another container on the same volume cannot be seen by its id at all. The kernel answers on a socket
// exactly as long as its process lives, for every container of the machine.
import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

const FILE = 'server.lock';
const ANSWER_LIMIT_MS = 2_000;

/** Frees the directory. */
export type Release = () => Promise<void>;

/** Takes the lock; undefined when another process has it. The lock of a process that was killed is taken over. */
export async function lockDirectory(directory: string): Promise<Release | undefined> {
  const own = `${FILE}.${randomBytes(6).toString('hex')}`;
  const server = await listen(directory, own);
  try {
    // More than one attempt only when others start or end at this moment.
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      if (await linked(join(directory, own), join(directory, FILE))) return () => unlock(directory, server);
      if (await answers(directory, FILE)) break;
      await removeStale(directory);
    }
  } finally {
    await rm(join(directory, own), { force: true });
  }
  await close(server);
  return undefined;
}

/** Two starters may see the same stale lock, and the second must not remove what the first has put there meanwhile. */
async function removeStale(directory: string): Promise<void> {
  const aside = `${FILE}.${randomBytes(6).toString('hex')}`;
  const [lock, away] = [join(directory, FILE), join(directory, aside)];
  try {
    await rename(lock, away);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (await answers(directory, aside)) await linked(away, lock);
  await rm(away, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function unlock(directory: string, server: Server): Promise<void> {
  await rm(join(directory, FILE), { force: true });
  await close(server);
}

async function listen(directory: string, name: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  try {
    await shortPath(directory, name, (path) => {
      server.listen(path);
      return new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
    });
  } catch (error) {
    throw new Error(
      `cannot lock the data directory ${directory} (${codeOf(error)}): it must be on a file system that has sockets`,
      { cause: error },
    );
  }
  // The lock alone keeps no process alive.
  return server.unref();
}

function answers(directory: string, name: string): Promise<boolean> {
  return shortPath(
    directory,
    name,
    (path) =>
      new Promise((resolve, reject) => {
        const socket = connect(path);
        const end = (answer: boolean): void => {
          socket.destroy();
          resolve(answer);
        };
        // One that is there but does not get to answering (it is stopped, or very busy) has the directory too.
        socket.setTimeout(ANSWER_LIMIT_MS, () => end(true));
        socket.once('connect', () => end(true));
        socket.once('error', (error) => {
          if (['ECONNREFUSED', 'ENOENT'].includes(codeOf(error))) end(false);
          else if (codeOf(error) === 'EAGAIN') end(true);
          else reject(error);
        });
      }),
  );
}

/** A socket's path has at most 107 bytes; by way of an open directory it is short wherever the directory lies (Linux). */
async function shortPath<T>(directory: string, name: string, use: (path: string) => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return use(join(directory, name));
  const handle = await open(directory, 'r');
  try {
    return await use(`/proc/self/fd/${handle.fd}/${name}`);
  } finally {
    await handle.close();
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
