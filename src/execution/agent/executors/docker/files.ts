// The file operations of an environment, done by small scripts inside the primary container.
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { isPattern, nameMatcher } from '../../files/go-match.js';
import type { FileStat } from '../executor.port.js';
import { filesIn } from '../../files/files-in.js';
import { getTar, putTar } from './archive.js';
import { LIST_FILES, LIST_LEVEL, MAKE_DIRECTORY, PACK, STAT, UNPACK, UNPACK_OWNERS } from './scripts.js';
import { runScript } from './script-run.js';
import { readFrom, writeTo } from './streams.js';

export interface JobUser {
  /** As the engine wants it; undefined is the container's own. */
  name: string | undefined;
  uid: number;
  gid: number;
}

/** More than this many bytes of arguments are not given to one process. */
const MAX_ARGUMENTS = 1_000_000;
const ROOT = '0';

/**
 * Reading and looking is done as root, so that what a job made with `sudo` is found as well. What is unpacked
 * belongs to the job's user and is unpacked with this user's rights.
 */
export class ContainerFiles {
  constructor(
    private readonly container: Docker.Container,
    private readonly user: JobUser,
    private readonly hasTar: boolean,
  ) {}

  async stat(path: string): Promise<FileStat | undefined> {
    const [kind, size] = (await this.script(STAT, [path])).trim().split(' ');
    if (kind !== 'file' && kind !== 'directory' && kind !== 'other') return undefined;
    return { kind, size: Number(size) };
  }

  /** Throws with the reason of the system, e.g. `Not a directory`. */
  async mkdir(path: string, signal?: AbortSignal): Promise<void> {
    await runScript(
      this.container,
      { script: MAKE_DIRECTORY, args: [path, `${this.user.uid}:${this.user.gid}`], user: ROOT },
      signal,
    );
  }

  async writeFile(path: string, content: Buffer | string, mode = 0o644): Promise<void> {
    const { uid, gid } = this.user;
    const directory = posix.dirname(path);
    await this.mkdir(directory);
    const pack = tar.pack();
    pack.entry({ name: posix.basename(path), mode, uid, gid, mtime: new Date() }, content);
    pack.finalize();
    const input = pack as unknown as Readable;
    if (!this.hasTar) return putTar(this.container, directory, input, this.user);
    await writeTo(this.container, { script: UNPACK_OWNERS, args: [directory], user: ROOT }, input);
  }

  async readFile(path: string): Promise<Readable> {
    const found = await this.stat(path);
    if (!found) throw new Error(`${path}: no such file`);
    if (found.kind === 'directory') throw new Error(`${path} is a directory`);
    return readFrom(this.container, { script: 'exec cat "$1"', args: [path], user: ROOT });
  }

  async readFiles(directory: string, limit: number): Promise<Record<string, Buffer>> {
    const { dir, base } = posix.parse(directory);
    const packed = await this.pack(dir, [base]);
    return filesIn(packed, limit, (name) =>
      posix.dirname(name) === base ? posix.basename(name) : undefined,
    );
  }

  async listFiles(path: string): Promise<string[]> {
    const found = await this.stat(path);
    if (!found) throw new Error(`${path}: no such file or directory`);
    if (found.kind !== 'directory') return [''];
    return items(await this.script(LIST_FILES, [path])).sort();
  }

  async glob(root: string, pattern: string): Promise<string[]> {
    const normal = posix.normalize(pattern).replace(/(.)\/$/, '$1');
    const parts = normal.split('/');
    const firstMeta = parts.findIndex(isPattern);
    if (firstMeta < 0) return (await this.exists(posix.join(root, normal))) ? [normal] : [];
    const tests = parts.slice(firstMeta).map(nameMatcher);
    const prefix = parts.slice(0, firstMeta).join('/');
    const listed = items(await this.script(LIST_LEVEL, [posix.join(root, prefix), String(tests.length)]));
    const matches = (path: string): boolean => path.split('/').every((part, i) => tests[i]?.(part) ?? false);
    return listed
      .filter(matches)
      .map((path) => posix.join(prefix, path))
      .sort();
  }

  async pack(base: string, paths: string[]): Promise<Readable> {
    const names = paths.map((path) => posix.normalize(path).replace(/(.)\/$/, '$1'));
    const bytes = names.reduce((sum, name) => sum + Buffer.byteLength(name) + 9, 0);
    if (!this.hasTar || bytes > MAX_ARGUMENTS) return getTar(this.container, base, names);
    // Code 1 of GNU tar: a file changed while it was read. A job's own background processes may do that.
    const isFine = (code: number, stderr: string): boolean =>
      code === 0 || (code === 1 && /changed as we read it|removed before we read it/.test(stderr));
    return readFrom(this.container, { script: PACK, args: [base, ...names], user: ROOT }, isFine);
  }

  async unpack(base: string, input: Readable): Promise<void> {
    await this.mkdir(base);
    await this.unpackInto(base, input);
  }

  /** Like unpack(), for a directory that exists. */
  async unpackInto(base: string, input: Readable): Promise<void> {
    if (!this.hasTar) return putTar(this.container, base, input, this.user);
    await writeTo(this.container, { script: UNPACK, args: [base], user: this.user.name }, input);
  }

  private async exists(path: string): Promise<boolean> {
    return (await this.script('if [ -e "$1" ] || [ -L "$1" ]; then echo yes; fi', [path])) !== '';
  }

  private script(script: string, args: string[]): Promise<string> {
    return runScript(this.container, { script, args, user: ROOT });
  }
}

/** Paths with NUL between them, without the ./ in front. */
function items(output: string): string[] {
  return output
    .split('\0')
    .filter((path) => path !== '' && path !== '.')
    .map((path) => path.replace(/^\.\//, ''));
}
