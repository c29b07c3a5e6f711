// Runs git for the command line: bounded, without prompts, without the variables that point it at another repository.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const LIMIT_MS = 120_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;

/** Standard output without the last line feed. Throws an Error with what git said. */
export async function git(
  directory: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR|ALTERNATE.*|NAMESPACE|PREFIX)$/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...environment };
  try {
    const { stdout } = await execute('git', ['-C', directory, ...args], {
      env,
      timeout: LIMIT_MS,
      maxBuffer: OUTPUT_BYTES,
    });
    return stdout.replace(/\n$/, '');
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new Error('git is not installed, or the directory is gone', { cause: error });
    throw new Error(`git ${args[0]}: ${(stderr ?? '').trim().split('\n')[0] || String(error)}`, {
      cause: error,
    });
  }
}

/** A commit by Rotunda itself needs no identity of the user. */
export const COMMITTER = {
  GIT_AUTHOR_NAME: 'Rotunda',
  GIT_AUTHOR_EMAIL: 'rotunda@localhost',
  GIT_COMMITTER_NAME: 'Rotunda',
  GIT_COMMITTER_EMAIL: 'rotunda@localhost',
};
