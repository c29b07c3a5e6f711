// Identifiers: time-ordered (UUIDv7, RFC 9562 section 5.7), derived (the same inputs give the same id) and their check.
import { createHash, randomBytes } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for the textual form of any UUID. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A new UUIDv7 for the given time (milliseconds since the epoch). */
export function newId(now: number = Date.now()): string {
  return format(now, randomBytes(10));
}

/**
 * A UUIDv7-shaped id that is a function of its inputs: an event that follows from another one gets the same id when
 * the reaction is repeated after a crash, so the event store drops the repetition. The time part is that of `causeId`.
 */
export function derivedId(causeId: string, ...key: (string | number)[]): string {
  const hash = createHash('sha256').update(causeId).update('\0').update(key.join('\0')).digest();
  return format(timeOf(causeId), hash.subarray(0, 10));
}

/** An id that is a function of a name alone (a project's id of its slug). The time part is zero. */
export function nameId(kind: string, name: string): string {
  const hash = createHash('sha256').update(kind).update('\0').update(name).digest();
  return format(0, hash.subarray(0, 10));
}

/** The time part of a UUIDv7, in milliseconds since the epoch. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

function format(time: number, tail: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(time, 0, 6);
  bytes.set(tail, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
