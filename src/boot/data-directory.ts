// The data directory: made when missing, held by one server process at a time.
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface HeldDirectory {
  path: string;
  release(): Promise<void>;
}

/** Takes the directory. Throws an error that names the process that has it. A lock left by a killed process is taken over. */
export async function holdDataDirectory(path: string): Promise<HeldDirectory> {
  await mkdir(path, { recursive: true });
  const file = join(path, 'server.pid');
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      const handle = await open(file, 'wx', 0o644);
      await handle.writeFile(`${process.pid}\n`);
      await handle.close();
      return { path, release: () => rm(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number((await readFile(file, 'utf8').catch(() => '')).trim());
      if (holder !== process.pid && (await isRotunda(holder))) {
        throw new Error(
          `the data directory ${path} is in use by the running server with process id ${holder}`,
          { cause: error },
        );
      }
      await rm(file, { force: true });
    }
  }
  throw new Error(`cannot take the data directory ${path}: ${file} keeps coming back`);
}

/** True when the process lives and is a Node program, so that a recycled process id does not lock the directory for ever. */
async function isRotunda(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'node');
  return command.includes('node') || command.includes('rotunda');
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
