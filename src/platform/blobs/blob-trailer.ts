// The last 48 bytes of every file of the directory store: magic, size of the content, SHA-256 of the content.
//
// Why not beside the content: a sidecar is a second rename, so two concurrent puts of one key could leave the content of
// one with the hash of the other; extended attributes are not in Node. A trailer is replaced together with the content,
// and a file torn by a power cut does not have one at its end, so it counts as absent.
import type { FileHandle } from 'node:fs/promises';

const MAGIC = Buffer.from('RTBLOB1\n');
export const TRAILER_BYTES = 48;

/** The trailer of a content. `hash`: SHA-256, 32 bytes. */
export function trailerOf(size: number, hash: Buffer): Buffer {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  MAGIC.copy(trailer, 0);
  trailer.writeBigUInt64BE(BigInt(size), 8);
  hash.copy(trailer, 16);
  return trailer;
}

/** Size (bytes) and SHA-256 (hex) of the content of an open blob file, or undefined when the file is not whole. */
export async function readTrailer(file: FileHandle): Promise<{ size: number; sha256: string } | undefined> {
  const size = (await file.stat()).size - TRAILER_BYTES;
  if (size < 0) return undefined;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(TRAILER_BYTES), 0, TRAILER_BYTES, size);
  const whole =
    bytesRead === TRAILER_BYTES &&
    buffer.subarray(0, MAGIC.length).equals(MAGIC) &&
    buffer.readBigUInt64BE(8) === BigInt(size);
  return whole ? { size, sha256: buffer.toString('hex', 16) } : undefined;
}
