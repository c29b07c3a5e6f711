// From a work item's key to BullMQ's job id, which may be neither an integer nor hold a colon.
import { createHash } from 'node:crypto';

/** Ids are part of a PostgreSQL index entry, whose size is bounded. */
const LONGEST = 400;

/** The same key gives the same id, different keys different ids (but for halves of surrogate pairs, which become U+FFFD). */
export function jobIdOf(key: string): string {
  const plain = `k-${encodeURIComponent(Buffer.from(key).toString())}`;
  return plain.length <= LONGEST ? plain : `h-${createHash('sha256').update(key).digest('hex')}`;
}
