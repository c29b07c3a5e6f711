// What pipelines need of version control.
import type { Readable } from 'node:stream';

export const VCS = Symbol('vcs');

export interface VcsRef {
  branch?: string;
  tag?: string;
  revision?: string;
}

export interface OpenedCommit {
  revision: string;
  branch?: string;
  tag?: string;
  commit: { subject: string; body: string; authorName: string };
  /** The file asked for; undefined when the commit has none at that path. */
  file?: Buffer;
}

/**
 * Errors: NotFoundError (no such branch, tag, revision), InvalidInputError (not a repository, a URL that is not
 * allowed); anything else is worth another try.
 */
export interface Vcs {
  open(url: string, ref: VcsRef, path: string): Promise<OpenedCommit>;
  defaultBranch(url: string): Promise<string>;
  /** A tar of a clone, with `.git`, at the revision. */
  sourceTar(
    url: string,
    at: { revision: string; branch?: string; tag?: string; originUrl: string },
  ): Promise<{ stream: Readable }>;
}
