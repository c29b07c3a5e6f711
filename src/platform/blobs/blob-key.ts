// The form of blob keys, prefixes and ranges: one set of rules for every adapter of the blob port.
import { InvalidInputError } from '../errors/errors.js';
import type { BlobRange } from './blob-store.port.js';

const MAX_KEY_BYTES = 1024;
// Control characters, backslash and lone surrogates (which have no UTF-8 form, so two keys would become one).
const FORBIDDEN = /[\p{Cc}\\\p{Surrogate}]/u;

/**
 * The key itself when it is well formed (rules at `BlobStore`).
 * @throws InvalidInputError `BLOB.KEY_INVALID`
 */
export function checkBlobKey(key: string): string {
  const wrong = faultOf(key);
  if (wrong !== undefined)
    throw new InvalidInputError('BLOB.KEY_INVALID', `Blob key ${quote(key)}: ${wrong}.`);
  return key;
}

/**
 * The prefix itself when it is a well-formed key followed by one `/`.
 * @throws InvalidInputError `BLOB.PREFIX_INVALID`
 */
export function checkBlobPrefix(prefix: string): string {
  const wrong = prefix.endsWith('/') ? faultOf(prefix.slice(0, -1)) : 'it must end in "/"';
  if (wrong !== undefined) {
    throw new InvalidInputError('BLOB.PREFIX_INVALID', `Blob prefix ${quote(prefix)}: ${wrong}.`);
  }
  return prefix;
}

/**
 * A range cut to a blob of `size` bytes: first byte, and first byte not wanted.
 * @throws InvalidInputError `BLOB.RANGE_INVALID` for negative or fractional bounds and an end before the start
 */
export function cutRange(range: BlobRange | undefined, size: number): { start: number; end: number } {
  const start = range?.start ?? 0;
  const end = range?.end ?? Math.max(size, start);
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw new InvalidInputError('BLOB.RANGE_INVALID', `Byte range ${start} to ${end} is not valid.`);
  }
  return { start: Math.min(start, size), end: Math.min(end, size) };
}

/** Orders keys by their UTF-8 bytes, as S3 does. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function faultOf(key: string): string | undefined {
  if (key === '') return 'it is empty';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes`;
  if (FORBIDDEN.test(key)) return 'it has a backslash, a control character or a broken character';
  if (key.startsWith('/')) return 'it starts with "/"';
  for (const segment of key.split('/')) {
    if (segment === '') return 'it has an empty segment';
    if (segment === '.' || segment === '..') return `it has the segment "${segment}"`;
  }
  return undefined;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}...` : text);
}
