// A Git repository with a config, made for one test.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TestRepository {
  path: string;
  /** Commits these files on the branch `main`; returns the revision. */
  commit(files: Record<string, string>): Promise<string>;
  remove(): Promise<void>;
}

/** `config`: the text of .circleci/config.yml. */
export async function makeRepository(config: string): Promise<TestRepository> {
  const path = await mkdtemp(join(tmpdir(), 'rotunda-repo-'));
  await chmod(path, 0o755);
  const git = async (...args: string[]): Promise<string> => {
    const identity = [
      '-c',
      'user.name=Test',
      '-c',
      'user.email=test@example.com',
      '-c',
      'commit.gpgsign=false',
    ];
    return (await run('git', [...identity, ...args], { cwd: path, timeout: 30_000 })).stdout.trim();
  };
  const commit = async (files: Record<string, string>): Promise<string> => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'Change');
    return git('rev-parse', 'HEAD');
  };
  await git('init', '--quiet', '--initial-branch', 'main');
  await commit({ '.circleci/config.yml': config });
  return { path, commit, remove: () => rm(path, { recursive: true, force: true }) };
}
