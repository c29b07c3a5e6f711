// Reads a piece of output from a request, put together in place: what Node offers for it goes through a blob and copies
// everything three times.
import type { Readable } from 'node:stream';
import { InvalidInputError } from '../../platform/errors/errors.js';

/**
 * The whole body.
 * @param announced its length in bytes as the sender says; 0 when it does not
 * @param most bytes accepted; InvalidInputError beyond that
 */
export function readChunk(body: Readable, announced: number, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = (length: number): void =>
      reject(new InvalidInputError('OUTPUT.CHUNK', `a chunk has at most ${most} bytes, this one ${length}`));
    if (!(announced <= most)) return refuse(announced);
    let chunk: Buffer = Buffer.allocUnsafe(announced);
    let length = 0;
    body.on('data', (piece: Buffer) => {
      const needed = length + piece.length;
      if (needed > most) return refuse(needed);
      if (needed > chunk.length) chunk = Buffer.concat([chunk], Math.max(2 * chunk.length, needed));
      length += piece.copy(chunk, length);
    });
    body.on('end', () => resolve(chunk.subarray(0, length)));
    body.on('error', reject);
    body.on('close', () => {
      if (!body.readableEnded) reject(new InvalidInputError('OUTPUT.CHUNK', 'the body broke off'));
    });
  });
}
