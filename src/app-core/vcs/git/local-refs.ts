// Reads the refs of a repository on this machine from its files: a tenth of a millisecond instead of two processes, and
// nothing of the repository's own configuration takes effect.
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const OBJECT_ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const MAX_LINKS = 5;

export class LocalRefs {
  private constructor(
    /** The directory with HEAD: of the work tree in question. */
    private readonly gitDirectory: string,
    /** The directory with the refs: shared by all work trees. */
    private readonly commonDirectory: string,
  ) {}

  /**
   * Opens a bare repository, a working copy or one more work tree of one. undefined when there is none at the path.
   * `'other'`: there is one whose refs are not kept in files (reftable).
   */
  static async open(path: string): Promise<LocalRefs | 'other' | undefined> {
    for (const candidate of [join(path, '.git'), path]) {
      const gitDirectory = await followGitFile(candidate);
      const head = await read(join(gitDirectory, 'HEAD'));
      if (head === undefined) continue;
      const common = (await read(join(gitDirectory, 'commondir')))?.trim();
      const commonDirectory = common === undefined ? gitDirectory : resolve(gitDirectory, common);
      const isRepository = await stat(join(commonDirectory, 'objects')).then(
        (found) => found.isDirectory(),
        () => false,
      );
      if (!isRepository) continue;
      return head.startsWith('ref: refs/heads/.invalid')
        ? 'other'
        : new LocalRefs(gitDirectory, commonDirectory);
    }
    return undefined;
  }

  /** The object that a full ref name (`refs/heads/main`) points to. */
  async resolve(name: string): Promise<string | undefined> {
    // Twice: between the two reads the ref may move from its own file into the common one.
    return (await this.loose(name)) ?? (await this.packed()).get(name) ?? (await this.loose(name));
  }

  /** HEAD: the branch, or the commit when it is on none. */
  async head(): Promise<{ branch?: string; revision?: string }> {
    const text = (await read(join(this.gitDirectory, 'HEAD')))?.trim() ?? '';
    if (text.startsWith('ref: refs/heads/')) return { branch: text.slice('ref: refs/heads/'.length) };
    return OBJECT_ID.test(text) ? { revision: text } : {};
  }

  private async loose(name: string): Promise<string | undefined> {
    let ref = name;
    for (let i = 0; i < MAX_LINKS; i++) {
      const text = (await read(join(this.commonDirectory, ref)))?.trim();
      if (text === undefined) return i === 0 ? undefined : (await this.packed()).get(ref);
      if (OBJECT_ID.test(text)) return text;
      const next = /^ref: (refs\/.+)$/.exec(text)?.[1];
      if (next === undefined || next.split('/').includes('..')) return undefined;
      ref = next;
    }
    return undefined;
  }

  private async packed(): Promise<Map<string, string>> {
    const refs = new Map<string, string>();
    for (const line of ((await read(join(this.commonDirectory, 'packed-refs'))) ?? '').split('\n')) {
      const [id, name] = line.split(' ');
      if (name !== undefined && OBJECT_ID.test(id!)) refs.set(name, id!);
    }
    return refs;
  }
}

/** `.git` of further work trees and submodules is a file that names the directory. */
async function followGitFile(path: string): Promise<string> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const target = isFile ? /^gitdir: (.+)$/m.exec((await read(path)) ?? '')?.[1] : undefined;
  return target === undefined ? path : resolve(dirname(path), target);
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
