// The blob port: artifacts, caches, workspaces, output segments. Adapters are checked by blob-store.contract.ts.
import type { Readable } from 'node:stream';

export interface BlobInfo {
  key: string;
  /** Bytes. */
  size: number;
  /** SHA-256 of the content, lower-case hex. */
  sha256: string;
}

export interface BlobRange {
  /** First byte, from 0. */
  start: number;
  /** First byte that is not wanted; without it, to the end. */
  end?: number;
}

/**
 * Keys are relative slash paths of 1 to 1024 bytes, e.g. `artifacts/<job-id>/0/coverage/index.html`; segments `.` and
 * `..`, empty segments, a leading slash, backslashes and control characters are refused with InvalidInputError.
 */
export interface BlobStore {
  /**
   * Stores a stream. Readers see the whole blob or none (temp + rename). An existing blob is replaced.
   * When the source fails, nothing is stored. `limit`: most bytes accepted, InvalidInputError beyond it.
   */
  put(key: string, content: Readable | Buffer, options?: { limit?: number }): Promise<BlobInfo>;
  /**
   * Makes a file of this machine a blob without copying it; what ended with trailerOf() before. The file stays, and must not
   * be changed any more. Stores that are not on a disk of this machine do not have it.
   * @throws InvalidInputError BLOB.NOT_ADOPTABLE when the file is not whole, not a plain file, missing or on another disk
   */
  adopt?(key: string, path: string): Promise<BlobInfo>;
  /** Opens a blob (or a range of it) for reading. NotFoundError when there is none. */
  get(key: string, range?: BlobRange): Promise<Readable>;
  /** Size and hash, or undefined when there is none. */
  stat(key: string): Promise<BlobInfo | undefined>;
  /** Keys under a prefix that ends in `/`, in order, paged: at most `limit` behind `after`. */
  list(prefix: string, options?: { after?: string; limit?: number }): Promise<string[]>;
  /** Deletes one blob; no error when there is none. */
  delete(key: string): Promise<void>;
  /** Deletes everything under a prefix that ends in `/`. */
  deletePrefix(prefix: string): Promise<void>;
}
