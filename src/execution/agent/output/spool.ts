// A step's output on its way to the server: in memory as long as it is short, else on the agent's disk, written as fast
// as it comes, read by the sender, gone when the server has it.
import { open, rm, type FileHandle } from 'node:fs/promises';

/** Output up to this length never sees the disk. */
const IN_MEMORY = 128 * 1024;
/** So much may wait for the disk before the step is slowed down. */
const MOST_WAITING = 2 * 1024 * 1024;

export class Spool {
  /** All of the output while it is short; undefined once the file has it. */
  private memory: Buffer[] | undefined = [];
  private file: FileHandle | undefined;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private writing: Promise<void> | undefined;
  private failure: unknown;
  private inFile = 0;
  private readable = 0;
  private total = 0;

  /**
   * @param path of the file, when one is needed
   * @param onReadable called whenever more can be read
   */
  constructor(
    private readonly path: string,
    private readonly onReadable: () => void,
  ) {}

  /** Bytes that can be read. */
  get size(): number {
    return this.readable;
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
    if (this.memory !== undefined && this.writing === undefined) {
      this.memory.push(chunk);
      if (this.total <= IN_MEMORY) {
        this.readable = this.total;
        this.onReadable();
        return;
      }
      this.waiting = [...this.memory];
      this.waitingBytes = this.total;
    } else {
      this.waiting.push(chunk);
      this.waitingBytes += chunk.length;
    }
    this.writing ??= this.writeAll();
    if (this.waitingBytes > MOST_WAITING) return this.writing;
  }

  /** Waits until everything given can be read. */
  async flush(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
    if (this.failure !== undefined) throw this.failure;
  }

  /** Bytes from `offset`, as many as there are, at most `into.length`; they may lie in that buffer. */
  async read(offset: number, into: Buffer): Promise<Buffer> {
    const length = Math.min(into.length, this.readable - offset);
    if (this.memory !== undefined) {
      const whole = this.memory.length === 1 ? this.memory[0]! : Buffer.concat(this.memory);
      this.memory = [whole];
      return whole.subarray(offset, offset + length);
    }
    const { bytesRead } = await this.file!.read(into, 0, length, offset);
    return into.subarray(0, bytesRead);
  }

  async remove(): Promise<void> {
    await this.writing?.catch(() => undefined);
    this.memory = [];
    const file = this.file;
    this.file = undefined;
    if (file === undefined) return;
    await file.close().catch(() => undefined);
    await rm(this.path, { force: true });
  }

  private async writeAll(): Promise<void> {
    try {
      this.file ??= await open(this.path, 'w+', 0o600);
      while (this.waiting.length > 0) {
        const chunks = this.waiting;
        const bytes = this.waitingBytes;
        this.waiting = [];
        this.waitingBytes = 0;
        const { bytesWritten } = await this.file.writev(chunks, this.inFile);
        // A disk that is nearly full may take a part only: the rest is tried once more and then fails with the reason.
        if (bytesWritten < bytes) {
          const rest = Buffer.concat(chunks).subarray(bytesWritten);
          await this.file.write(rest, 0, rest.length, this.inFile + bytesWritten);
        }
        this.inFile += bytes;
        this.readable = this.inFile;
        this.memory = undefined;
        this.onReadable();
      }
    } catch (error) {
      this.failure = error;
      this.waiting = [];
    } finally {
      this.writing = undefined;
    }
  }
}
