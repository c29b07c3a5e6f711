// Reads a range of a step's output across its segments while others may be merging them.
import { NotFoundError } from '../../platform/errors/errors.js';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import type { Readable } from 'node:stream';
import type { OutputSegment } from './output-index.port.js';

/** Looks at the index in a row without getting a byte further before the output counts as damaged. */
const MAX_FRUITLESS_LOOKS = 20;

/**
 * The bytes from `start` up to before `end`, which must be there. A blob that has gone between the look at the index and
 * its opening was merged into another one: the index is asked again. One that is open can be read to its end. Overlaps
 * of segments are read once.
 */
export async function* readOutput(
  blobs: BlobStore,
  segmentsFrom: (offset: number) => Promise<OutputSegment[]>,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let position = start;
  for (let fruitless = 0; position < end; fruitless++) {
    if (fruitless === MAX_FRUITLESS_LOOKS) throw new Error(`Output is missing from byte ${position} on.`);
    for (const segment of await segmentsFrom(position)) {
      const last = Math.min(segment.start + segment.length, end);
      if (segment.start > position || position >= end) break;
      if (last <= position) continue;
      if (segment.content !== undefined) {
        const from = position;
        position = last;
        fruitless = 0;
        yield segment.content.subarray(from - segment.start, last - segment.start);
        continue;
      }
      const content = await openIfThere(blobs, segment, position, last);
      if (content === undefined) break;
      for await (const bytes of content) {
        position += (bytes as Buffer).length;
        yield bytes as Buffer;
      }
      fruitless = 0;
    }
  }
}

async function openIfThere(
  blobs: BlobStore,
  segment: OutputSegment & { blobKey: string },
  from: number,
  to: number,
): Promise<Readable | undefined> {
  try {
    return await blobs.get(segment.blobKey, { start: from - segment.start, end: to - segment.start });
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
