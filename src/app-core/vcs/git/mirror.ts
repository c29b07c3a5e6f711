// One bare mirror of a repository: made on first use, fetched into when it lacks a commit, read at any time.
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import type { GitRunner } from './git-runner.js';
import { failureOf } from './git-runner.js';
import { type GitObject, parseBatch } from './git-objects.js';
import type { GitSource } from './git-source.js';

const HEADS_AND_TAGS = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
const FETCHES_BETWEEN_REPACKS = 50;
const LOOSE_OBJECTS_TO_REPACK = 2000;
const LOCK_TRIES = 5;
const MAX_READ_BYTES = 64 * 1024 * 1024;

export class Mirror {
  readonly directory: string;
  private made?: Promise<void>;
  /** The last write in line; writes run one after the other. */
  private lane: Promise<unknown> = Promise.resolve();
  /** The fetch in line that has not begun: whoever asks now can share it. */
  private upcoming?: Promise<void>;
  private fetches = 0;

  constructor(
    private readonly git: GitRunner,
    private readonly root: string,
    readonly source: GitSource,
  ) {
    this.directory = join(root, `${source.mirrorName}.git`);
  }

  /** Reads objects by name (`<id>^{commit}`, `<id>:<path>`) in one process. */
  async read(names: string[]): Promise<(GitObject | 'ambiguous' | undefined)[]> {
    await this.make();
    const input = names.map((name) => `${name}\n`).join('');
    const args = ['--git-dir', this.directory, 'cat-file', '--batch'];
    const run = { input, maxOutputBytes: MAX_READ_BYTES, source: this.source, kind: 'read' as const };
    return parseBatch(await this.git.run(args, run));
  }

  /**
   * Fetches all branches and tags as they are from now on. Callers share a fetch that has not begun yet, never one that
   * runs: what they look for may have been pushed after it began.
   */
  fetch(): Promise<void> {
    this.upcoming ??= this.inLane(async () => {
      this.upcoming = undefined;
      await this.make();
      await this.fetchRefs(['--prune'], HEADS_AND_TAGS);
      if (++this.fetches % FETCHES_BETWEEN_REPACKS === 0) this.repackLater();
    });
    return this.upcoming;
  }

  /** Fetches one commit that no branch or tag leads to, if the other side gives it. False when it does not. */
  fetchCommit(revision: string): Promise<boolean> {
    return this.inLane(async () => {
      // With a ref of its own, it stays when the mirror is repacked.
      const refspec = `+${revision}:refs/rotunda/${revision}`;
      return this.fetchRefs([], [refspec]).then(
        () => true,
        () => false,
      );
    });
  }

  private inLane<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lane.then(work);
    this.lane = result.catch(() => undefined);
    return result;
  }

  private make(): Promise<void> {
    this.made ??= this.makeNow().catch((error: unknown) => {
      this.made = undefined;
      throw error;
    });
    return this.made;
  }

  private async makeNow(): Promise<void> {
    if (await exists(join(this.directory, 'HEAD'))) return;
    // Made aside, so that a crash leaves no half of one.
    const temporary = join(this.root, 'tmp', `init-${randomUUID()}`);
    await mkdir(join(this.root, 'tmp'), { recursive: true });
    // A branch name that nobody has: a clone of the mirror then makes no branch of its own.
    const args = [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      '--initial-branch=rotunda-mirror',
      '--',
      temporary,
    ];
    await this.git.run(args, { source: this.source, kind: 'work' });
    await rename(temporary, this.directory).catch(async (error: unknown) => {
      await rm(temporary, { recursive: true, force: true });
      if (!(await exists(join(this.directory, 'HEAD')))) throw error;
    });
  }

  private async fetchRefs(options: string[], refspecs: string[]): Promise<void> {
    const quiet = [
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-maintenance',
      '--update-shallow',
    ];
    const args = ['--git-dir', this.directory, 'fetch', ...quiet, '--no-recurse-submodules', ...options];
    for (let attempt = 1; ; attempt++) {
      const run = { source: this.source, kind: 'work' as const };
      const { exitCode, stderr } = await this.git.attempt([...args, '--', this.source.url, ...refspecs], run);
      if (exitCode === 0) return;
      const locked = /cannot lock ref|Unable to create '.*\.lock'/.test(stderr);
      if (!locked || attempt === LOCK_TRIES) throw failureOf(stderr, this.source);
      await this.removeStaleLock(stderr);
    }
  }

  /** Another process may hold a lock for as long as a git may run; an older one was left by a crash. */
  private async removeStaleLock(stderr: string): Promise<void> {
    const path = /Unable to create '(.*\.lock)'/.exec(stderr)?.[1];
    if (path === undefined || !path.startsWith(`${this.directory}/`)) return;
    const changed = await stat(path).catch(() => undefined);
    if (changed && Date.now() - changed.mtimeMs > this.git.timeoutMs)
      await unlink(path).catch(() => undefined);
  }

  /** In line behind the fetches, but no caller waits for it. Unreachable commits stay: pipelines may name them. */
  private repackLater(): void {
    const args = [
      '--git-dir',
      this.directory,
      '-c',
      `gc.auto=${LOOSE_OBJECTS_TO_REPACK}`,
      'gc',
      '--auto',
      '--quiet',
    ];
    // When it fails, the mirror is as good as before.
    this.inLane(() => this.git.run(args, { source: this.source, kind: 'work' })).catch(() => undefined);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
