// The blob port on a directory: the default of an installation on one machine.
//
//   <root>/blobs/   the content, see blob-path.ts and blob-trailer.ts
//   <root>/tmp/     what is being written or removed; leftovers of a crash are swept when the store is opened
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';

import { InvalidInputError, NotFoundError } from '../errors/errors.js';
import { checkBlobKey, checkBlobPrefix, compareKeys, cutRange } from './blob-key.js';
import { blobPath, entryOf, prefixPath } from './blob-path.js';
import type { BlobInfo, BlobRange, BlobStore } from './blob-store.port.js';
import { readTrailer, trailerOf } from './blob-trailer.js';

export interface DirectoryBlobStoreOptions {
  /**
   * Flush a blob to the disk before it becomes visible. Off by default: the death of a process loses nothing that was
   * written, only a power cut does; it costs a disk flush for every chunk of job output; and a file torn by a power cut
   * is seen as absent, never as wrong content.
   */
  fsync?: boolean;
  /** Age in milliseconds from which a temporary file is a leftover. Not 0: other processes may share the directory. */
  staleAfterMs?: number;
}

const HOUR_MS = 3_600_000;
const DEFAULT_PAGE = 1000;
/** How often a put makes its directory anew when a concurrent delete removes it as empty. */
const MAX_ATTEMPTS = 20;

export class DirectoryBlobStore implements BlobStore {
  private readonly tree: string;
  private readonly temporary: string;

  private constructor(
    root: string,
    private readonly fsync: boolean,
  ) {
    this.tree = join(root, 'blobs');
    this.temporary = join(root, 'tmp');
  }

  /** Opens (and makes, when missing) a store in the directory `root`, and sweeps what a crash left. */
  static async open(root: string, options: DirectoryBlobStoreOptions = {}): Promise<DirectoryBlobStore> {
    await mkdir(root, { recursive: true });
    const store = new DirectoryBlobStore(await realpath(root), options.fsync ?? false);
    for (const directory of [store.tree, store.temporary]) {
      await mkdir(directory, { recursive: true });
      if (!(await isPlain(directory)))
        throw new Error(`${directory} is a link: the blob store does not follow links.`);
    }
    await sweep(store.temporary, options.staleAfterMs ?? HOUR_MS);
    return store;
  }

  async put(key: string, content: Readable | Buffer, options: { limit?: number } = {}): Promise<BlobInfo> {
    const temporary = join(this.temporary, randomUUID());
    try {
      const path = join(this.tree, ...blobPath(checkBlobKey(key)));
      const written = await this.write(key, temporary, content, options.limit ?? Infinity);
      await this.moveIn(temporary, path);
      return { key, ...written };
    } catch (error) {
      if (content instanceof Readable) content.destroy();
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async adopt(key: string, path: string): Promise<BlobInfo> {
    const temporary = join(this.temporary, randomUUID());
    try {
      const target = join(this.tree, ...blobPath(checkBlobKey(key)));
      await link(path, temporary).catch(notAdoptable);
      const written = await this.checkWhole(temporary);
      await this.moveIn(temporary, target);
      return { key, ...written };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async get(key: string, range?: BlobRange): Promise<Readable> {
    const file = await this.openBlob(key);
    try {
      const info = file && (await readTrailer(file));
      if (file === undefined || info === undefined) {
        throw new NotFoundError('BLOB.NOT_FOUND', `There is no blob ${JSON.stringify(key)}.`);
      }
      const { start, end } = cutRange(range, info.size);
      if (start < end) return file.createReadStream({ start, end: end - 1, highWaterMark: 256 * 1024 });
      await file.close();
      return Readable.from([], { objectMode: false });
    } catch (error) {
      await file?.close();
      throw error;
    }
  }

  async stat(key: string): Promise<BlobInfo | undefined> {
    const file = await this.openBlob(key);
    if (file === undefined) return undefined;
    try {
      const info = await readTrailer(file);
      return info && { key, ...info };
    } finally {
      await file.close();
    }
  }

  async list(prefix: string, options: { after?: string; limit?: number } = {}): Promise<string[]> {
    const directory = join(this.tree, ...prefixPath(checkBlobPrefix(prefix)));
    const limit = options.limit ?? DEFAULT_PAGE;
    const keys: string[] = [];
    if (limit <= 0 || !(await isPlain(directory))) return keys;
    for await (const key of walk(directory, prefix, options.after ?? '')) {
      keys.push(key);
      if (keys.length >= limit) break;
    }
    return keys;
  }

  async delete(key: string): Promise<void> {
    const path = join(this.tree, ...blobPath(checkBlobKey(key)));
    if (!(await isPlain(dirname(path)))) return;
    await unlink(path).catch(ignoring('ENOENT'));
    await this.removeEmpty(dirname(path));
  }

  async deletePrefix(prefix: string): Promise<void> {
    const directory = join(this.tree, ...prefixPath(checkBlobPrefix(prefix)));
    if (!(await isPlain(directory))) return;
    // Out of sight in one step, then removed at leisure: readers see all of it or none.
    const grave = join(this.temporary, randomUUID());
    await rename(directory, grave).catch(ignoring('ENOENT'));
    await rm(grave, { recursive: true, force: true });
    await this.removeEmpty(dirname(directory));
  }

  private async write(key: string, path: string, content: Readable | Buffer, limit: number) {
    const file = await open(path, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      let size = 0;
      for await (const piece of content instanceof Readable ? content : [content]) {
        const bytes: Buffer = Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
        size += bytes.length;
        if (size > limit) {
          throw new InvalidInputError(
            'BLOB.TOO_LARGE',
            `Blob ${JSON.stringify(key)} is larger than ${limit} bytes.`,
          );
        }
        // The disk works while the hash is computed.
        const written = writeAll(file, bytes);
        hash.update(bytes);
        await written;
      }
      const digest = hash.digest();
      await writeAll(file, trailerOf(size, digest));
      if (this.fsync) await file.sync();
      return { size, sha256: digest.toString('hex') };
    } finally {
      await file.close();
    }
  }

  private async checkWhole(path: string): Promise<{ size: number; sha256: string }> {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(path, flags).catch(notAdoptable);
    try {
      const plain = (await file.stat()).isFile();
      const info = plain ? await readTrailer(file) : undefined;
      if (info === undefined) notAdoptable(new Error('it is not a whole blob'));
      if (this.fsync) await file.sync();
      return info;
    } finally {
      await file.close();
    }
  }

  private async moveIn(temporary: string, path: string): Promise<void> {
    const directory = dirname(path);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.makeDirectory(directory);
        await rename(temporary, path);
        break;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || attempt === MAX_ATTEMPTS) throw error;
      }
    }
    if (!this.fsync) return;
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  }

  /** mkdir -p that makes nothing through a link: the deepest directory that exists is checked before it gets children. */
  private async makeDirectory(directory: string): Promise<void> {
    if (await isPlain(directory)) return;
    if (directory === this.tree) throw new Error('The directory of the blob store has been replaced.');
    await this.makeDirectory(dirname(directory));
    await mkdir(directory).catch(ignoring('EEXIST'));
    if (!(await isPlain(directory)) && (await stat(directory).catch(ignoring('ENOENT')))) {
      throw new Error(`${directory} is not a plain directory: the blob store does not follow links.`);
    }
  }

  private async openBlob(key: string): Promise<FileHandle | undefined> {
    const path = join(this.tree, ...blobPath(checkBlobKey(key)));
    if (!(await isPlain(dirname(path)))) return undefined;
    return open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(ignoring('ENOENT', 'ELOOP', 'EISDIR'));
  }

  private async removeEmpty(directory: string): Promise<void> {
    for (let path = directory; path !== this.tree; path = dirname(path)) {
      const removed = await rmdir(path).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }
}

async function* walk(directory: string, prefix: string, after: string): AsyncGenerator<string> {
  const entries = (await readdir(directory, { withFileTypes: true }).catch(ignoring('ENOENT'))) ?? [];
  const known = entries
    .map((entry) => ({ entry, ours: entryOf(entry.name) }))
    .filter(({ entry, ours }) => ours && (ours.kind === 'blob' ? entry.isFile() : entry.isDirectory()))
    .map(({ entry, ours }) => ({ name: entry.name, kind: ours!.kind, key: prefix + ours!.text }))
    .sort((a, b) => compareKeys(a.key, b.key));
  for (const { name, kind, key } of known) {
    const passed = compareKeys(key, after) <= 0;
    if (kind === 'blob') {
      if (!passed) yield key;
    } else if (!passed || after.startsWith(key)) {
      yield* walk(join(directory, name), key, after);
    }
  }
}

/** True for an existing directory with no link anywhere on its way: paths here start at the real root. */
async function isPlain(directory: string): Promise<boolean> {
  return (await realpath(directory).catch(ignoring('ENOENT', 'ENOTDIR', 'ELOOP'))) === directory;
}

async function sweep(directory: string, staleAfterMs: number): Promise<void> {
  const oldest = Date.now() - staleAfterMs;
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const changed = (await stat(path).catch(ignoring('ENOENT')))?.mtimeMs ?? Infinity;
    if (changed <= oldest) await rm(path, { recursive: true, force: true });
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
}

function notAdoptable(error: Error): never {
  throw new InvalidInputError('BLOB.NOT_ADOPTABLE', `The file cannot become a blob: ${error.message}.`);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function ignoring(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(codeOf(error) ?? '')) throw error;
    return undefined;
  };
}
