// The application of the demo as a Git repository in the data directory, where it stays: a pipeline that outlives the
// process that has started it still needs it.
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMITTER, git } from '../run/git.js';

/** From dist/src/cli/demo to the checkout. */
const APPLICATION = fileURLToPath(new URL('../../../../test/fixtures/demo-app', import.meta.url));

/** Makes the repository, or a new commit in the one of an earlier demo, and returns its path. */
export async function demoRepository(dataDirectory: string): Promise<string> {
  const path = join(dataDirectory, 'demo', 'repository');
  const isMade = await stat(join(path, '.git')).catch(() => undefined);
  if (!isMade) {
    const draft = `${path}.new`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(dirname(path), { recursive: true });
    await cp(APPLICATION, draft, { recursive: true });
    await git(draft, ['init', '--quiet']);
    await git(draft, ['symbolic-ref', 'HEAD', 'refs/heads/main']);
    await commit(draft, 'A calculator');
    // Moved when it is whole, so that a killed demo does not leave half of one.
    await rm(path, { recursive: true, force: true });
    await rename(draft, path);
    return path;
  }
  await cp(APPLICATION, path, { recursive: true, force: true });
  await commit(path, 'Again');
  return path;
}

async function commit(path: string, message: string): Promise<void> {
  await git(path, ['add', '--all']);
  await git(
    path,
    ['commit', '--quiet', '--allow-empty', '--no-verify', '--no-gpg-sign', '-m', message],
    COMMITTER,
  );
}
