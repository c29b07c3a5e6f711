// Files of an environment, uploaded one by one, some at a time; files that cannot be uploaded are told of and counted.
import { posix } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';
import { messageOf } from '../../../platform/errors/errors.js';
import { SourceError } from '../server/http-client.js';
import { RefusedError } from '../server/retry.js';
import type { StepContext } from './step.js';

const AT_A_TIME = 4;
/** Files up to this size are held in memory while they are sent, so that one can be sent again. */
const SMALL_FILE = 1024 * 1024;
/** Characters of names that are given to one program. */
const LONGEST_ARGUMENTS = 200_000;
/** From so many files on it is faster to have them all as one tar where each call is a process in a container. */
const MANY_FILES = 4;

/** One file to upload: where it is and what people find it under. */
export interface NamedFile {
  path: string;
  name: string;
}

/** Sends the content of one file; it may ask for that again, when the connection broke. */
export type Upload = (file: NamedFile, content: () => Promise<Readable>) => Promise<void>;

export interface Uploaded {
  stored: number;
  failed: number;
}

/**
 * Uploads files that lie under `root`. What is no file, or a link to none, is left out, and told of when `tells`. Throws
 * what ends the task or the connection for good.
 */
export async function uploadFiles(
  root: string,
  files: readonly NamedFile[],
  context: StepContext,
  upload: Upload,
  tells = false,
): Promise<Uploaded> {
  const uploads = new Uploads(context, upload, tells);
  const left =
    context.environment.distant && files.length >= MANY_FILES ? await uploads.packed(root, files) : files;
  for (const file of left) await uploads.one(file);
  return uploads.end();
}

/**
 * Hands a part of a stream on, to its end: what is handed on may be given up in the middle, which would end the whole stream if
 * it were the part itself. Rejects when the part breaks off.
 */
async function passOn(part: AsyncIterable<Buffer>, to: PassThrough): Promise<void> {
  to.on('error', () => undefined);
  try {
    for await (const chunk of part) {
      if (to.destroyed || to.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        to.once('drain', resolve);
        to.once('close', resolve);
      });
    }
    to.end();
  } catch (error) {
    to.destroy(error as Error);
    throw error;
  }
}

class Uploads {
  private readonly running = new Set<Promise<void>>();
  private readonly counts: Uploaded = { stored: 0, failed: 0 };
  private fault: { error: unknown } | undefined;

  constructor(
    private readonly context: StepContext,
    private readonly upload: Upload,
    private readonly tells: boolean,
  ) {}

  /** Begins with one file as soon as there is room for it. */
  one(file: NamedFile): Promise<void> {
    return this.begin(file, async () => {
      const { environment, output } = this.context;
      if ((await environment.stat(file.path))?.kind === 'file') {
        await this.upload(file, () => environment.readFile(file.path));
        return true;
      }
      // A link to a directory, or to nothing: what it leads to is not under this path.
      if (this.tells) output.log(`  Skipped ${file.path}: not a file\n`);
      return false;
    });
  }

  /**
   * Uploads plain files out of one tar of all; gives those that are left: links, and whatever the tar does not have, also
   * because it broke off.
   */
  async packed(root: string, files: readonly NamedFile[]): Promise<NamedFile[]> {
    const left = new Map(files.map((file) => [posix.normalize(posix.relative(root, file.path)), file]));
    try {
      await this.fromTar(root, left);
    } catch (error) {
      if (this.fault || this.context.signal.aborted) throw error;
    }
    return [...left.values()];
  }

  /** Takes those out of `left` that were uploaded. */
  private async fromTar(root: string, left: Map<string, NamedFile>): Promise<void> {
    const { environment } = this.context;
    const names = [...left.keys()];
    const isLong = names.reduce((sum, name) => sum + name.length, 0) > LONGEST_ARGUMENTS;
    const packed = await environment.pack(root, isLong ? ['.'] : names);
    const extract = tar.extract();
    packed.on('error', (error) => extract.destroy(error));
    packed.pipe(extract);
    try {
      for await (const entry of extract) {
        const { type, size = 0, name } = entry.header;
        const file = type === 'file' ? left.get(posix.normalize(name)) : undefined;
        if (file === undefined) {
          entry.resume();
          continue;
        }
        left.delete(posix.normalize(name));
        if (size <= SMALL_FILE) {
          const bytes = await buffer(Readable.from(entry as AsyncIterable<Buffer>, { objectMode: false }));
          await this.begin(file, () => this.whole(file, async () => Readable.from([bytes])));
        } else {
          const content = new PassThrough();
          const passed = passOn(entry as AsyncIterable<Buffer>, content);
          // It is waited for below.
          passed.catch(() => undefined);
          let first: Readable | undefined = content;
          const again = async (): Promise<Readable> => {
            const given = first ?? (await environment.readFile(file.path));
            first = undefined;
            return given;
          };
          await this.begin(file, () => this.whole(file, again));
          await Promise.all(this.running);
          // The next file of the tar comes only after this one, which may have been given up in the middle.
          content.destroy();
          await passed;
        }
      }
    } finally {
      packed.destroy();
    }
  }

  /** Waits for what runs. */
  async end(): Promise<Uploaded> {
    await Promise.all(this.running);
    if (this.fault) throw this.fault.error;
    return this.counts;
  }

  private async whole(file: NamedFile, content: () => Promise<Readable>): Promise<boolean> {
    await this.upload(file, content);
    return true;
  }

  private async begin(file: NamedFile, work: () => Promise<boolean>): Promise<void> {
    while (this.running.size >= AT_A_TIME) await Promise.race(this.running);
    if (this.fault) throw this.fault.error;
    this.context.signal.throwIfAborted();
    const running: Promise<void> = this.attempt(file, work).finally(() => this.running.delete(running));
    this.running.add(running);
  }

  private async attempt(file: NamedFile, work: () => Promise<boolean>): Promise<void> {
    try {
      if (await work()) this.counts.stored++;
    } catch (error) {
      if (!(error instanceof RefusedError) && !(error instanceof SourceError)) {
        this.fault ??= { error };
        return;
      }
      this.counts.failed++;
      this.context.output.log(`  Error uploading ${file.path}: ${messageOf(error)}\n`);
    }
  }
}
