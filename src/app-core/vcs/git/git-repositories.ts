// Reads git repositories: which commit a branch is at, what a commit holds, and a checkout of it, through bare mirrors.
//
// Cost of `open` for a repository on this machine: one process when the mirror has the commit (refs are read from files),
// none when the commit and the file were read before, two more for a commit that is new to the mirror.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { InvalidInputError, NotFoundError } from '../../../platform/errors/errors.js';
import { type CommitData, parseCommit } from './git-objects.js';
import { GitRunner } from './git-runner.js';
import {
  type GitSource,
  checkRefName,
  checkRepositoryPath,
  checkRevision,
  gitSource,
  isFullRevision,
} from './git-source.js';
import { Mirror } from './mirror.js';
import { Recent } from './recent.js';
import { locate, locateDefaultBranch } from './remote-refs.js';
import { type SourceTar, sourceTar } from './source-tar.js';

export interface GitRepositoriesOptions {
  /** Where the mirrors live; made when missing. */
  mirrorDirectory: string;
  /** Milliseconds for each git command; default 120,000. */
  timeoutMs?: number;
  /** Most git commands at a time that fetch, list or clone, and as many that read mirrors; default 4. */
  maxConcurrent?: number;
}

/** What to resolve. A revision wins, with branch and tag as its labels; then tag, then branch, then the default branch. */
export interface RefRequest {
  branch?: string;
  tag?: string;
  revision?: string;
}

export interface ResolvedRef {
  /** The whole commit id. */
  revision: string;
  branch?: string;
  tag?: string;
}

export interface OpenedRef extends ResolvedRef {
  commit: CommitData;
  /** undefined when the commit has no such file, or no path was asked for. */
  file?: Buffer;
}

const REMEMBERED = 500;
const LARGEST_REMEMBERED_FILE = 256 * 1024;
const STALE_MS = 6 * 3_600_000;

/**
 * Errors of all methods: InvalidInputError `GIT.URL_INVALID`, `GIT.REF_INVALID`, `GIT.REVISION_INVALID`,
 * `GIT.REVISION_AMBIGUOUS`, `GIT.PATH_INVALID`, `GIT.TIMEOUT`, `GIT.UNREACHABLE`, `GIT.ACCESS_DENIED`, `GIT.TOO_LARGE`,
 * `GIT.FAILED`; NotFoundError `GIT.NOT_A_REPOSITORY`, `GIT.EMPTY_REPOSITORY`, `GIT.BRANCH_NOT_FOUND`,
 * `GIT.TAG_NOT_FOUND`, `GIT.REVISION_NOT_FOUND`, `GIT.DEFAULT_BRANCH_NOT_FOUND`. Passwords in URLs never show in them.
 */
export class GitRepositories {
  private readonly git: GitRunner;
  private readonly root: string;
  private readonly mirrors = new Map<string, Mirror>();
  private readonly commits = new Recent<CommitData>(REMEMBERED);
  private readonly files = new Recent<{ content?: Buffer }>(REMEMBERED);
  private swept?: Promise<void>;

  constructor(options: GitRepositoriesOptions) {
    this.root = options.mirrorDirectory;
    this.git = new GitRunner(this.root, options.timeoutMs ?? 120_000, options.maxConcurrent ?? 4);
  }

  /** The commit that a branch, tag or (short) commit id stands for now; the mirror has it afterwards. */
  async resolve(url: string, ref: RefRequest): Promise<ResolvedRef> {
    const { revision, branch, tag } = await this.openRef(url, ref);
    return labelled(revision, branch, tag);
  }

  /** Resolves, and reads the commit and one file of it, in the fewest processes. `path`: from the repository's root. */
  async open(url: string, ref: RefRequest, path?: string): Promise<OpenedRef> {
    return this.openRef(url, ref, path);
  }

  /** What a commit says of itself. */
  async commit(url: string, revision: string): Promise<CommitData> {
    return (await this.openRef(url, { revision })).commit;
  }

  /** A file of a commit, up to 64 MiB; undefined when the commit has none at the path. */
  async readFile(url: string, revision: string, path: string): Promise<Buffer | undefined> {
    return (await this.openRef(url, { revision }, path)).file;
  }

  /** The branch that HEAD of the repository is on. */
  async defaultBranch(url: string): Promise<string> {
    return locateDefaultBranch(this.git, gitSource(url));
  }

  /** A checkout at a commit as a tar, see source-tar.ts. The caller reads the stream to its end or destroys it. */
  async sourceTar(
    url: string,
    options: { revision: string; branch?: string; tag?: string; originUrl: string },
  ): Promise<SourceTar> {
    if (options.branch !== undefined) checkRefName('branch', options.branch);
    this.swept ??= sweep(join(this.root, 'tmp'));
    await this.swept;
    const source = gitSource(url);
    const { revision } = await this.openRef(url, { revision: options.revision });
    const { branch, originUrl } = options;
    return sourceTar(this.git, this.mirrorOf(source), join(this.root, 'tmp'), {
      revision,
      branch,
      originUrl,
    });
  }

  private async openRef(url: string, ref: RefRequest, path?: string): Promise<OpenedRef> {
    const source = gitSource(url);
    if (path !== undefined) checkRepositoryPath(path);
    if (ref.branch !== undefined) checkRefName('branch', ref.branch);
    if (ref.tag !== undefined) checkRefName('tag', ref.tag);
    if (ref.revision !== undefined) {
      const id = checkRevision(ref.revision);
      return { ...(await this.read(source, id, path)), ...labels(ref.branch, ref.tag) };
    }
    const { id, branch, tag } = await locate(this.git, source, ref);
    return { ...(await this.read(source, id, path)), ...labels(branch, tag) };
  }

  private async read(
    source: GitSource,
    id: string,
    path: string | undefined,
  ): Promise<{ revision: string; commit: CommitData; file?: Buffer }> {
    const key = `${source.mirrorName} ${id}`;
    const known = this.commits.get(key);
    const knownFile = path === undefined ? {} : this.files.get(`${key} ${path}`);
    if (known && knownFile) return { revision: id, commit: known, ...withFile(knownFile.content) };

    const mirror = this.mirrorOf(source);
    const names = [`${id}^{commit}`, ...(path === undefined ? [] : [`${id}:${path}`])];
    let [object, file] = await mirror.read(names);
    if (object === undefined) {
      await mirror.fetch();
      [object, file] = await mirror.read(names);
    }
    if (object === undefined && isFullRevision(id) && (await mirror.fetchCommit(id))) {
      [object, file] = await mirror.read(names);
    }
    if (object === 'ambiguous') {
      const message = `Revision ${id} of repository "${source.label}" is the start of several objects' ids.`;
      throw new InvalidInputError('GIT.REVISION_AMBIGUOUS', message);
    }
    // git takes a short id for a branch of that name, if there is one.
    if (object === undefined || (!isFullRevision(id) && !object.id.startsWith(id))) {
      const message = `Repository "${source.label}" has no commit ${id}.`;
      throw new NotFoundError('GIT.REVISION_NOT_FOUND', message);
    }
    const commit = parseCommit(object.content);
    // Copied: the object is a part of the whole output.
    const content = typeof file === 'object' && file.type === 'blob' ? Buffer.from(file.content) : undefined;
    this.commits.set(`${source.mirrorName} ${object.id}`, commit);
    if (path !== undefined && (content?.length ?? 0) <= LARGEST_REMEMBERED_FILE) {
      this.files.set(`${source.mirrorName} ${object.id} ${path}`, { content });
    }
    return { revision: object.id, commit, ...withFile(content) };
  }

  private mirrorOf(source: GitSource): Mirror {
    const mirror = this.mirrors.get(source.mirrorName) ?? new Mirror(this.git, this.root, source);
    this.mirrors.set(source.mirrorName, mirror);
    return mirror;
  }
}

function labels(branch: string | undefined, tag: string | undefined): { branch?: string; tag?: string } {
  return { ...(branch === undefined ? {} : { branch }), ...(tag === undefined ? {} : { tag }) };
}

function labelled(revision: string, branch: string | undefined, tag: string | undefined): ResolvedRef {
  return { revision, ...labels(branch, tag) };
}

/** A copy, as the remembered one must not change with what a caller does. */
function withFile(content: Buffer | undefined): { file?: Buffer } {
  return content === undefined ? {} : { file: Buffer.from(content) };
}

/** Removes the temporary clones of a process that was killed; those of living ones are younger. */
async function sweep(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const changed = (await stat(join(directory, name)).catch(() => undefined))?.mtimeMs ?? Infinity;
    if (Date.now() - changed > STALE_MS) await rm(join(directory, name), { recursive: true, force: true });
  }
}
