// Removes what a task has left on this machine.
import { spawnSync } from 'node:child_process';
import { readdir, rm, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A directory with more entries is left to the system's own way, which looks at everything several times. */
const FEW_ENTRIES = 64;

/** Removes a directory with all in it, read-only directories (a Go module cache) included. Never throws. */
export async function removeTree(path: string): Promise<void> {
  if (await removeFew(path).catch(() => false)) return;
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  try {
    await remove();
  } catch {
    spawnSync('chmod', ['-R', 'u+rwx', path], { stdio: 'ignore', timeout: 60_000 });
    await remove().catch(() => undefined);
  }
}

/** Removes a directory that holds little. False when it holds more; throws when something is in the way. */
async function removeFew(path: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true });
  if (entries.length > FEW_ENTRIES) return false;
  const removed = await Promise.all(
    entries.map((entry) => {
      const below = join(path, entry.name);
      return entry.isDirectory()
        ? removeFew(below)
        : unlink(below).then(
            () => true,
            () => false,
          );
    }),
  );
  if (removed.includes(false)) return false;
  await rmdir(path);
  return true;
}
