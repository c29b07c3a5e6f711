// The data directory: made when missing, held by one server process at a time.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from './directory-lock.js';

export interface HeldDirectory {
  path: string;
  release(): Promise<void>;
}

/** Takes the directory. Throws an error that names the process that has it. */
export async function holdDataDirectory(path: string): Promise<HeldDirectory> {
  await mkdir(path, { recursive: true });
  const note = join(path, 'server.pid');
  const unlock = await lockDirectory(path);
  if (!unlock) {
    const holder = (await readFile(note, 'utf8').catch(() => '')).trim();
    throw new Error(
      `the data directory ${path} is in use by the running server with process id ${holder || 'unknown'}`,
    );
  }
  await writeFile(note, `${process.pid}\n`);
  const release = async (): Promise<void> => {
    await rm(note, { force: true });
    await unlock();
  };
  return { path, release };
}

/** Reads a secret kept in the data directory, or makes and keeps it (mode 0600). */
export async function keptSecret(
  path: string,
  make: () => Promise<string>,
  isGood: (secret: string) => Promise<boolean>,
): Promise<string> {
  const known = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (known !== '' && (await isGood(known))) return known;
  const secret = await make();
  await writeFile(path, `${secret}\n`, { mode: 0o600 });
  return secret;
}
