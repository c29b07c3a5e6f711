// What of a step's output is on the agent's disk: one file, or files of 4 MiB in the form of the server's blobs, so that a
// server on the same machine takes them as they are, without a copy.
import { createHash, type Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { trailerOf } from '../../../platform/blobs/blob-trailer.js';
import { LARGEST_OUTPUT_BYTES } from '../../protocol/index.js';

export interface Piece {
  path: string;
  /** Offset of its first byte in the output. */
  start: number;
  /** Bytes of output. */
  length: number;
  /** It has its trailer, and is not changed any more. */
  sealed: boolean;
}

export class PieceFiles {
  /** In order. They stay until the end: a server may turn out to have lost something, and its own links cost no room. */
  private readonly pieces: Piece[] = [];
  private made = 0;
  private total = 0;
  /** Of the last piece, for writing and reading, until it is sealed. */
  private file: FileHandle | undefined;
  private hash: Hash | undefined;

  /** @param path of the file, or the start of the paths of the pieces */
  constructor(
    private readonly path: string,
    private readonly asBlobs: boolean,
  ) {}

  /** Bytes written. */
  get length(): number {
    return this.total;
  }

  /** Writes what follows; one call at a time. */
  async append(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const piece = await this.open();
      const room = this.asBlobs ? LARGEST_OUTPUT_BYTES - piece.length : Infinity;
      const part = bytes.subarray(done, done + Math.min(room, bytes.length - done));
      const written = this.write(part, piece.length);
      this.hash?.update(part);
      await written;
      piece.length += part.length;
      done += part.length;
      this.total += part.length;
      if (piece.length === LARGEST_OUTPUT_BYTES && this.asBlobs) await this.seal(piece);
    }
  }

  at(offset: number): Piece | undefined {
    return this.pieces.find(({ start, length }) => start <= offset && offset < start + length);
  }

  /** Bytes from `offset` into the buffer, up to the end of the piece at most. */
  async read(offset: number, into: Buffer): Promise<Buffer> {
    const piece = this.at(offset);
    if (piece === undefined) throw new Error(`the output at ${offset} is not on the disk`);
    const length = Math.min(into.length, piece.start + piece.length - offset);
    const own = piece.sealed ? await open(piece.path, 'r') : undefined;
    try {
      const { bytesRead } = await (own ?? this.file!).read(into, 0, length, offset - piece.start);
      return into.subarray(0, bytesRead);
    } finally {
      await own?.close();
    }
  }

  async remove(): Promise<void> {
    await this.file?.close().catch(() => undefined);
    this.file = undefined;
    for (const { path } of this.pieces.splice(0)) await rm(path, { force: true });
  }

  private async open(): Promise<Piece> {
    const last = this.pieces.at(-1);
    if (this.file !== undefined && last !== undefined) return last;
    const path = this.asBlobs ? `${this.path}.${this.made++}` : this.path;
    this.file = await open(path, 'w+', 0o600);
    this.hash = this.asBlobs ? createHash('sha256') : undefined;
    const piece = { path, start: this.total, length: 0, sealed: false };
    this.pieces.push(piece);
    return piece;
  }

  private async write(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += (await this.file!.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
    }
  }

  private async seal(piece: Piece): Promise<void> {
    await this.write(trailerOf(piece.length, this.hash!.digest()), piece.length);
    const file = this.file!;
    piece.sealed = true;
    this.file = undefined;
    await file.close();
  }
}
