// A step's output on the agent's disk: written as fast as it comes, read by the uploader, gone when the server has it.
import { open, rm, type FileHandle } from 'node:fs/promises';

/** So much may wait for the disk before the step is slowed down. */
const MOST_WAITING = 2 * 1024 * 1024;

export class Spool {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private writing: Promise<void> | undefined;
  private failure: unknown;
  private written = 0;
  private total = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
    private readonly onWritten: () => void,
  ) {}

  /** @param onWritten called whenever more can be read */
  static async create(path: string, onWritten: () => void): Promise<Spool> {
    return new Spool(await open(path, 'w+', 0o600), path, onWritten);
  }

  /** Bytes that can be read. */
  get size(): number {
    return this.written;
  }
  /** Bytes given so far, those on the way to the disk included. */
  get length(): number {
    return this.total;
  }

  /**
   * Takes a chunk; a promise, when there is one, asks to wait before more is given. The chunk must not be changed.
   * @throws what the disk said, e.g. that it is full
   */
  append(chunk: Buffer): void | Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (chunk.length === 0) return;
    this.total += chunk.length;
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    this.writing ??= this.writeAll();
    if (this.waitingBytes > MOST_WAITING) return this.writing;
  }

  /** Waits until everything given is on the disk. */
  async flush(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
    if (this.failure !== undefined) throw this.failure;
  }

  /** Bytes from `offset`, as many as there are and fit into the buffer; the answer is a part of it. */
  async read(offset: number, into: Buffer): Promise<Buffer> {
    const length = Math.min(into.length, this.written - offset);
    const { bytesRead } = await this.file.read(into, 0, length, offset);
    return into.subarray(0, bytesRead);
  }

  async remove(): Promise<void> {
    await this.writing?.catch(() => undefined);
    await this.file.close().catch(() => undefined);
    await rm(this.path, { force: true });
  }

  private async writeAll(): Promise<void> {
    try {
      while (this.waiting.length > 0) {
        const chunks = this.waiting;
        const bytes = this.waitingBytes;
        this.waiting = [];
        this.waitingBytes = 0;
        let { bytesWritten } = await this.file.writev(chunks, this.written);
        // A disk that is nearly full may take a part only: the rest is tried once more and then fails with the reason.
        if (bytesWritten < bytes) {
          const rest = Buffer.concat(chunks).subarray(bytesWritten);
          await this.file.write(rest, 0, rest.length, this.written + bytesWritten);
          bytesWritten = bytes;
        }
        this.written += bytes;
        this.onWritten();
      }
    } catch (error) {
      this.failure = error;
      this.waiting = [];
    } finally {
      this.writing = undefined;
    }
  }
}
