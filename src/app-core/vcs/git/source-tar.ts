// Makes the checkout that a job starts from: a tar of a clone with .git, as `git clone` of the origin would leave it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import { streamCommand } from '../../../platform/process/run-command.js';
import type { GitRunner } from './git-runner.js';
import type { Mirror } from './mirror.js';

export interface SourceTarOptions {
  /** A whole commit id that the mirror has. */
  revision: string;
  /** HEAD is on this branch, which is put at the revision; without it HEAD is detached. */
  branch?: string;
  /** What `origin` is in the job. */
  originUrl: string;
}

export interface SourceTar {
  /** An uncompressed tar with names that start with `./`. Destroying it stops the work. */
  stream: Readable;
  /** Settles when the temporary clone is gone. Never rejects. */
  ended: Promise<void>;
}

/** A slow reader may take this many times as long as a git command. */
const STREAM_TIMES = 15;

/**
 * Clones the mirror (objects are hard links: no copying and no tie to the mirror), checks out and streams it as a tar.
 * The system's tar does it: several times as fast as one in JavaScript, beside the event loop.
 */
export async function sourceTar(
  git: GitRunner,
  mirror: Mirror,
  temporaryRoot: string,
  options: SourceTarOptions,
): Promise<SourceTar> {
  await mkdir(temporaryRoot, { recursive: true });
  const temporary = await mkdtemp(join(temporaryRoot, 'source-'));
  const remove = (): Promise<void> => rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  try {
    const clone = join(temporary, 'clone');
    await cloneMirror(git, mirror, clone);
    await checkOut(git, mirror, clone, options);
    const { stream, ended } = streamCommand('tar', {
      args: ['-cf', '-', '-C', clone, '.'],
      // Without it, macOS adds a file of attributes beside each file.
      env: { PATH: process.env.PATH, LC_ALL: 'C', COPYFILE_DISABLE: '1' },
      timeoutMs: git.timeoutMs * STREAM_TIMES,
    });
    return { stream, ended: ended.then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function cloneMirror(git: GitRunner, mirror: Mirror, clone: string): Promise<void> {
  const args = ['clone', '--quiet', '--local', '--no-checkout', '--template=', '--', mirror.directory, clone];
  const run = { source: mirror.source, kind: 'work' as const };
  try {
    await git.run(args, run);
  } catch {
    // A repack may have taken away a file that was about to be linked.
    await rm(clone, { recursive: true, force: true });
    await git.run(args, run);
  }
}

async function checkOut(
  git: GitRunner,
  mirror: Mirror,
  clone: string,
  options: SourceTarOptions,
): Promise<void> {
  const { revision, branch, originUrl } = options;
  const place = branch === undefined ? ['--detach', revision] : ['--no-track', '-B', branch, revision];
  const run = { cwd: clone, source: mirror.source, kind: 'work' as const };
  await git.run(['checkout', '--quiet', '--force', ...place, '--'], run);
  const directory = join(clone, '.git');
  await writeFile(join(directory, 'config'), configurationOf(originUrl, branch));
  // Programs that install hooks expect the directory.
  for (const name of ['hooks', 'info']) await mkdir(join(directory, name), { recursive: true });
}

/**
 * checkStat and trustctime: unpacked files have other inodes and change times than the index notes; without these two,
 * plumbing such as `git diff-index` would call every file changed.
 */
function configurationOf(originUrl: string, branch: string | undefined): string {
  const lines = [
    '[core]',
    '\trepositoryformatversion = 0',
    '\tfilemode = true',
    '\tbare = false',
    '\tlogallrefupdates = true',
    '\tcheckStat = minimal',
    '\ttrustctime = false',
    '[remote "origin"]',
    `\turl = ${quoted(originUrl)}`,
    '\tfetch = +refs/heads/*:refs/remotes/origin/*',
  ];
  if (branch !== undefined) {
    lines.push(
      `[branch ${quoted(branch)}]`,
      '\tremote = origin',
      `\tmerge = ${quoted(`refs/heads/${branch}`)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
