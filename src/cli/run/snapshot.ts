// A temporary bare repository with the commit that is to be run. It borrows the objects of the user's repository and
// writes nothing there: no ref, no index, no object.
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { COMMITTER, git } from './git.js';
import { UsageProblem } from './usage-problem.js';

export const CONFIG_PATH = '.circleci/config.yml';

export interface UserRepository {
  /** Top of the work tree. */
  root: string;
  name: string;
  /** Objects shared by all work trees, absolute. */
  commonDirectory: string;
  head: string;
  branch: string;
  isShallow: boolean;
}

/** Looks at the repository that a directory is in. Throws UsageProblem when it is in none, or there is no commit. */
export async function userRepository(directory: string): Promise<UserRepository> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageProblem(`there is no directory ${directory}`);
  const root = await git(directory, ['rev-parse', '--show-toplevel']).catch((error: Error) => {
    if (!/not a git repository|must be run in a work tree/i.test(error.message)) throw error;
    throw new UsageProblem(`${resolve(directory)} is not in a Git repository`);
  });
  const head = await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).catch(() => {
    throw new UsageProblem(`${root} has no commit yet`);
  });
  const branch = await git(root, ['symbolic-ref', '--quiet', '--short', 'HEAD']).catch(() => '');
  const common = resolve(root, await git(root, ['rev-parse', '--git-common-dir']));
  const isShallow = (await git(root, ['rev-parse', '--is-shallow-repository'])) === 'true';
  const name = basename(root).replace(/[^A-Za-z0-9._-]/g, '-') || 'project';
  return { root, name, commonDirectory: common, head, branch: branch || 'main', isShallow };
}

export class Snapshot {
  private constructor(
    private readonly repository: UserRepository,
    /** The bare repository. */
    readonly path: string,
    /** What is to be run now. */
    private commit: string,
  ) {}

  /** Makes the repository at `path`. With `dirty` its commit holds the work tree as it is, but for ignored files. */
  static async make(repository: UserRepository, path: string, dirty: boolean): Promise<Snapshot> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await git(path, ['init', '--quiet', '--bare']);
    await writeFile(
      join(path, 'objects', 'info', 'alternates'),
      `${join(repository.commonDirectory, 'objects')}\n`,
    );
    if (repository.isShallow)
      await copyFile(join(repository.commonDirectory, 'shallow'), join(path, 'shallow'));
    const snapshot = new Snapshot(repository, path, repository.head);
    if (dirty) await snapshot.takeWorkTree();
    // The history of a shallow clone ends nowhere: nothing can be fetched from it, so its commit goes without.
    else if (repository.isShallow)
      await snapshot.record(await snapshot.in(['rev-parse', `${repository.head}^{tree}`]));
    return snapshot;
  }

  /** Text of the config; undefined when there is none. */
  async config(): Promise<string | undefined> {
    const found = await this.in(['ls-tree', '--name-only', this.commit, CONFIG_PATH]);
    return found === '' ? undefined : this.in(['cat-file', 'blob', `${this.commit}:${CONFIG_PATH}`]);
  }

  /** Puts another config into the commit. */
  async replaceConfig(text: string): Promise<void> {
    const file = join(this.path, 'config-to-run');
    await writeFile(file, text);
    const blob = await this.in(['hash-object', '-w', '--no-filters', file]);
    await this.in(['read-tree', this.commit]);
    await this.in(['update-index', '--add', '--cacheinfo', `100644,${blob},${CONFIG_PATH}`]);
    await this.record(await this.in(['write-tree']));
  }

  /** Makes the commit what the branch, which is the default one, and the tag stand for. */
  async publish(branch: string, tag: string | undefined): Promise<void> {
    for (const name of [`refs/heads/${branch}`, ...(tag === undefined ? [] : [`refs/tags/${tag}`])]) {
      await this.in(['check-ref-format', name]).catch(() => {
        throw new UsageProblem(
          `"${name.split('/').slice(2).join('/')}" cannot be the name of a branch or tag`,
        );
      });
      await this.in(['update-ref', name, this.commit]);
    }
    await this.in(['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
  }

  private async takeWorkTree(): Promise<void> {
    const { root, commonDirectory, head } = this.repository;
    const excludes = await readFile(join(commonDirectory, 'info', 'exclude'), 'utf8').catch(() => '');
    await mkdir(join(this.path, 'info'), { recursive: true });
    await writeFile(join(this.path, 'info', 'exclude'), excludes);
    await this.in(['read-tree', head]);
    await git(root, ['add', '--all', '.'], { ...this.place(), GIT_WORK_TREE: root });
    await this.record(await this.in(['write-tree']), 'Uncommitted changes');
  }

  private async record(tree: string, subject?: string): Promise<void> {
    const parents = this.repository.isShallow ? [] : ['-p', this.commit];
    const message = subject ?? (await this.in(['log', '-1', '--format=%B', this.commit]));
    this.commit = await this.in(['commit-tree', tree, ...parents, '-m', message || 'Run'], COMMITTER);
  }

  private in(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
    return git(this.path, args, { ...this.place(), ...environment });
  }

  private place(): Record<string, string> {
    return { GIT_DIR: this.path, GIT_INDEX_FILE: join(this.path, 'index-to-run') };
  }
}
