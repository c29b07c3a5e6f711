// Files of an environment as one compressed stream, and back: what caches and workspace layers are made of.
import { createHash } from 'node:crypto';
import { pipeline, Transform, type Readable } from 'node:stream';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { compress, decompress, zstdTools } from './compression.js';
import { safeEntries } from './safe-entries.js';
import { TarEdit } from './tar-edit.js';
import { bytesOf, nameOf, type TarHeader } from './tar-header.js';

/** Other names for the entries of an archive; names are bytes, one per character (tar-header.ts). */
export type Renaming = (entry: TarHeader) => { name: string; linkname: string };

export interface UnpackOptions {
  rename?: Renaming;
  /** SHA-256 of the archive in hex: the step fails when it is another. */
  sha256?: string;
  /** Told the name of each file and link, before it is unpacked. */
  onFile?: (name: string) => void;
  /** Told the name of each entry that is left out: a device or a pipe. */
  onSkipped?: (name: string) => void;
}

/** The archive that was downloaded is not what was stored, or not what may be unpacked. */
export class ArchiveError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ArchiveError';
  }
}

/**
 * A compressed tar of these paths with everything under them; the names of its entries are relative to `base`. It is made
 * while it is read and fails when a part of it fails.
 */
export async function packArchive(
  environment: ExecutionEnvironment,
  base: string,
  paths: string[],
  rename?: Renaming,
): Promise<Readable> {
  const tools = await zstdTools();
  const tar = await environment.pack(base, paths);
  return compress(rename === undefined ? tar : chained(tar, new TarEdit(rename)), tools);
}

/**
 * Unpacks what packArchive made, of any version and on any machine, below `base`. Throws ArchiveError when it is damaged
 * or has entries that must not be unpacked; some of its files are there then.
 */
export async function unpackArchive(
  environment: ExecutionEnvironment,
  base: string,
  archive: Readable,
  options: UnpackOptions = {},
): Promise<void> {
  const { rename, sha256, onFile, onSkipped } = options;
  const safe = safeEntries((name) => onSkipped?.(name));
  const edit = new TarEdit((entry) => {
    const verdict = safe(entry);
    if (verdict !== 'keep') return verdict;
    const names = rename?.(entry) ?? entry;
    if (entry.type !== '5') onFile?.(nameOf(names.name));
    return names;
  });
  const checked = sha256 === undefined ? archive : chained(archive, new Checked(sha256));
  let fault: Error | undefined;
  try {
    const tar = chained(await decompress(checked, await zstdTools()), edit);
    tar.once('error', (error) => (fault = error));
    await environment.unpack(base, tar);
  } catch (error) {
    // What was wrong with the archive says more than what its unpacking made of that.
    throw archive.errored ?? asArchiveError(fault ?? error);
  } finally {
    edit.destroy();
    archive.destroy();
  }
}

/** Gives what is in the home directory names that begin with `~/`: for homes that are elsewhere next time. */
export function fromHome(home: string): Renaming {
  const [absolute, relative] = [bytesOf(`${home}/`), bytesOf(`${home.slice(1)}/`)];
  const change = (name: string, prefix: string): string =>
    name.startsWith(prefix) ? `~/${name.slice(prefix.length)}` : name;
  return ({ name, linkname, type }) => ({
    name: change(name, relative),
    linkname: change(linkname, type === '2' ? absolute : relative),
  });
}

/** The other way round. */
export function toHome(home: string): Renaming {
  const [absolute, relative] = [bytesOf(`${home}/`), bytesOf(`${home.slice(1)}/`)];
  const change = (name: string, prefix: string): string =>
    name.startsWith('~/') ? `${prefix}${name.slice(2)}` : name;
  return ({ name, linkname, type }) => ({
    name: change(name, relative),
    linkname: change(linkname, type === '2' ? absolute : relative),
  });
}

/** Fails at the end when the bytes were others. */
class Checked extends Transform {
  private readonly hash = createHash('sha256');

  constructor(private readonly sha256: string) {
    super({ highWaterMark: 256 * 1024 });
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: null, chunk: Buffer) => void,
  ): void {
    this.hash.update(chunk);
    done(null, chunk);
  }

  override _flush(done: (error?: Error) => void): void {
    const right = this.hash.digest('hex') === this.sha256;
    done(
      right
        ? undefined
        : new ArchiveError('the archive is damaged: it has another checksum than when it was stored'),
    );
  }
}

function asArchiveError(error: unknown): unknown {
  if (error instanceof Error && error.name === 'TarError') return new ArchiveError(error.message);
  return error;
}

function chained(from: Readable, to: Transform): Readable {
  return pipeline(from, to, () => undefined);
}
