// A step's output on its way to the server: in memory as long as it is short, else on the agent's disk, written as fast
// as it comes, read by the sender, gone when the server has it.
//
// What comes is copied into one of two buffers while the other one is written: the copy costs a tenth of what it saves,
// a call to the system and a piece of garbage for every chunk.
import { PieceFiles, type Piece } from './piece-files.js';

/** Output up to this length never sees the disk. */
const IN_MEMORY = 128 * 1024;
const BATCH = 1024 * 1024;
/** A batch that does not fill up is written after this time, in ms. */
const GATHER_MS = 10;

export class Spool {
  /** All of the output while it is short; undefined once the file has it. */
  private memory: Buffer[] | undefined = [];
  private readonly files: PieceFiles;
  /** What is filled; undefined as long as the output is short. */
  private batch: Buffer | undefined;
  private filled = 0;
  /** Not in use now, if there is one. */
  private spare: Buffer | undefined;
  /** What found no room: it is still the giver's, who waits. */
  private waiting: Buffer[] = [];
  private room: PromiseWithResolvers | undefined;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private failure: unknown;
  private readable = 0;
  private total = 0;

  /**
   * @param path of the file, when one is needed
   * @param onReadable called whenever more can be read
   * @param asBlobs the disk gets pieces in the form of the server's blobs, for piece()
   */
  constructor(
    path: string,
    private readonly onReadable: () => void,
    asBlobs = false,
  ) {
    this.files = new PieceFiles(path, asBlobs);
  }

  /** Bytes that can be read. */
  get size(): number {
    return this.readable;
  }
  /** Bytes given so far, those on the way to the disk included. */
  get length(): number {
    return this.total;
  }

  /**
   * Takes a copy of a chunk. A promise, when there is one, asks to wait before more is given and before the chunk is
   * changed; it rejects with what the disk said, e.g. that it is full.
   * @throws what the disk has said before
   */
  append(chunk: Buffer): void | Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (chunk.length === 0) return;
    this.total += chunk.length;
    if (this.batch === undefined) {
      if (this.total <= IN_MEMORY) return this.remember(chunk);
      this.batch = Buffer.allocUnsafeSlow(BATCH);
      this.spare = Buffer.allocUnsafeSlow(BATCH);
      for (const early of this.memory ?? []) this.fill(early);
    }
    const rest = this.waiting.length > 0 ? Buffer.from(chunk) : this.fill(chunk);
    if (rest.length === 0) {
      this.timer ??= setTimeout(() => this.write(), GATHER_MS);
      return;
    }
    this.waiting.push(rest);
    this.room ??= promiseWithResolvers();
    return this.room.promise;
  }

  /** Waits until everything given can be read. */
  async flush(): Promise<void> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      this.write();
      if (this.writing === undefined) return;
      await this.writing;
    }
  }

  /** Bytes from `offset`, as many as there are, at most `into.length`; they may lie in that buffer. */
  async read(offset: number, into: Buffer): Promise<Buffer> {
    const length = Math.min(into.length, this.readable - offset);
    if (this.memory !== undefined) {
      const whole = this.memory.length === 1 ? this.memory[0]! : Buffer.concat(this.memory);
      this.memory = [whole];
      return whole.subarray(offset, offset + length);
    }
    return this.files.read(offset, into.subarray(0, length));
  }

  /** The piece on the disk that holds the byte at `offset`; undefined while the output is short. */
  piece(offset: number): Piece | undefined {
    return this.memory === undefined ? this.files.at(offset) : undefined;
  }

  async remove(): Promise<void> {
    this.waiting = [];
    this.room?.resolve();
    while (this.writing !== undefined) await this.writing;
    clearTimeout(this.timer);
    this.filled = 0;
    this.memory = [];
    this.batch = this.spare = undefined;
    await this.files.remove();
  }

  private remember(chunk: Buffer): void {
    this.memory!.push(Buffer.from(chunk));
    this.readable = this.total;
    this.onReadable();
  }

  /** Copies into the batch, and into the next one once this one can be written. What is left found no room. */
  private fill(chunk: Buffer): Buffer {
    let rest = chunk;
    for (;;) {
      const copied = rest.copy(this.batch!, this.filled);
      this.filled += copied;
      if (copied === rest.length) return NOTHING;
      rest = rest.subarray(copied);
      if (!this.write()) return rest;
    }
  }

  /** Begins to write what was filled. False when that has to wait. */
  private write(): boolean {
    if (this.writing !== undefined || this.filled === 0) return false;
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.batch!;
    const length = this.filled;
    this.batch = this.spare!;
    this.spare = undefined;
    this.filled = 0;
    this.writing = this.toFile(batch.subarray(0, length)).then(
      () => this.written(batch),
      (error: unknown) => this.failed(error),
    );
    return true;
  }

  private async toFile(bytes: Buffer): Promise<void> {
    await this.files.append(bytes);
    this.readable = this.files.length;
    this.memory = undefined;
  }

  private written(batch: Buffer): void {
    this.writing = undefined;
    this.spare = batch;
    while (this.waiting.length > 0) {
      const rest = this.fill(this.waiting[0]!);
      if (rest.length > 0) {
        this.waiting[0] = rest;
        break;
      }
      this.waiting.shift();
    }
    if (this.waiting.length === 0) {
      this.room?.resolve();
      this.room = undefined;
      if (this.filled > 0) this.timer ??= setTimeout(() => this.write(), GATHER_MS);
    }
    this.onReadable();
  }

  private failed(error: unknown): void {
    this.writing = undefined;
    this.failure = error;
    this.waiting = [];
    this.room?.reject(error);
    this.room = undefined;
  }
}

const NOTHING = Buffer.alloc(0);

interface PromiseWithResolvers {
  promise: Promise<void>;
  resolve(): void;
  reject(reason: unknown): void;
}

function promiseWithResolvers(): PromiseWithResolvers {
  let settle!: Pick<PromiseWithResolvers, 'resolve' | 'reject'>;
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
}
