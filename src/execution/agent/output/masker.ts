// Replaces secret values in a stream of bytes by **** (LANGUAGE C-344), also when a value lies across two chunks.
//
// Every byte that is part of any secret is covered; overlapping finds become one ****. What could be the start of a
// secret is held back until it is decided, so at most the longest secret's length less one.
import { openPrefix, ValueFinder, valueOf, type Value } from './find-values.js';

const MASK = Buffer.from('****');
const NONE = Buffer.alloc(0);
/** Shorter ones would mask half of the output. */
const SHORTEST = 4;

/**
 * What is masked of these variables: values of at least 4 characters that are not a spelling of true or false. Of a
 * value of several lines each line, since what prints it may indent or number them; and the whole too, when a line is
 * too short to be masked alone.
 */
export function maskedValues(environment: Record<string, string>): string[] {
  return [...new Set(Object.values(environment).flatMap(partsOf))];
}

function partsOf(value: string): string[] {
  const whole = value.replace(/^[\r\n]+|[\r\n]+$/g, '');
  const lines = whole.split(/[\r\n]+/).map((line) => line.trim());
  if (lines.length === 1) return isMasked(value) ? [isMasked(whole) ? whole : value] : [];
  const parts = lines.filter(isMasked);
  return parts.length < lines.filter((line) => line !== '').length ? [...parts, whole] : parts;
}

function isMasked(value: string): boolean {
  return value.length >= SHORTEST && !/^(true|false)$/i.test(value);
}

export class Masker {
  private readonly secrets: Value[];
  private readonly finder: ValueFinder;
  private held: Buffer = NONE;
  /** This many bytes at the start of `held` are covered by a mask that was written already. */
  private covered = 0;

  /** @param values of at least two bytes each */
  constructor(values: string[]) {
    this.secrets = values.map(valueOf);
    this.finder = new ValueFinder(this.secrets);
  }

  /** The bytes that can be shown now. Returns the chunk itself when there is nothing to mask. */
  write(chunk: Buffer): Buffer {
    if (this.secrets.length === 0) return chunk;
    const data = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    let hold = data.length;
    for (const secret of this.secrets) hold = Math.min(hold, data.length - openPrefix(data, secret));
    return this.emit(data, hold);
  }

  /** What was held back, once no more bytes come. */
  end(): Buffer {
    return this.secrets.length === 0 ? NONE : this.emit(this.held, this.held.length);
  }

  private emit(data: Buffer, hold: number): Buffer {
    const finds = this.finder.find(data);
    if (finds.length === 0 && this.covered === 0) {
      this.held = hold < data.length ? Buffer.from(data.subarray(hold)) : NONE;
      return data.subarray(0, hold);
    }
    if (this.covered > 0) finds.unshift([0, this.covered]);
    const parts: Buffer[] = [];
    let at = 0;
    let covered = 0;
    for (const [start, end] of merge(finds)) {
      const goesOn = start === 0 && this.covered > 0;
      // What a mask covers that was written stays covered, also when all of it is held back again.
      if (start >= hold && !goesOn) break;
      if (start > at) parts.push(data.subarray(at, start));
      if (!goesOn) parts.push(MASK);
      at = end;
      covered = Math.max(0, end - hold);
    }
    if (at < hold) parts.push(data.subarray(at, hold));
    this.held = hold < data.length ? Buffer.from(data.subarray(hold)) : NONE;
    this.covered = covered;
    return Buffer.concat(parts);
  }
}

/** A whole text with the values masked. */
export function maskText(text: string, values: string[]): string {
  const masker = new Masker(values);
  return Buffer.concat([masker.write(Buffer.from(text)), masker.end()]).toString();
}

/** Unites finds that share bytes; those that only touch stay apart: two secrets in a row are two masks. */
function merge(finds: [number, number][]): [number, number][] {
  const merged: [number, number][] = [];
  for (const [start, end] of finds) {
    const last = merged.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
