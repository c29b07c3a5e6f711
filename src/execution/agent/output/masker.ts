// Replaces secret values in a stream of bytes by **** (LANGUAGE C-344), also when a value lies across two chunks.
//
// Every byte that is part of any secret is covered; overlapping finds become one ****. What could be the start of a
// secret is held back until it is decided, so at most the longest secret's length less one. KMP failure tables find
// that start in linear time; whole values are found by Buffer.indexOf, which is native code.

const MASK = Buffer.from('****');
const NONE = Buffer.alloc(0);

/** The values that are masked: at least 4 characters and not a spelling of true or false. */
export function maskedValues(environment: Record<string, string>): string[] {
  return [...new Set(Object.values(environment))].filter(
    (value) => value.length >= 4 && !/^(true|false)$/i.test(value),
  );
}

export class Masker {
  private readonly secrets: { bytes: Buffer; failure: Int32Array }[];
  private held: Buffer = NONE;
  /** This many bytes at the start of `held` are covered by a mask that was written already. */
  private covered = 0;

  constructor(values: string[]) {
    this.secrets = values
      .filter((value) => value !== '')
      .map((value) => {
        const bytes = Buffer.from(value);
        return { bytes, failure: failureTable(bytes) };
      });
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
    return this.emit(this.held, this.held.length);
  }

  private emit(data: Buffer, hold: number): Buffer {
    const finds = this.find(data);
    if (finds.length === 0 && this.covered === 0) {
      this.held = hold < data.length ? Buffer.from(data.subarray(hold)) : NONE;
      return data.subarray(0, hold);
    }
    if (this.covered > 0) finds.unshift([0, this.covered]);
    const parts: Buffer[] = [];
    let at = 0;
    let covered = 0;
    for (const [start, end] of merge(finds)) {
      if (start >= hold) break;
      if (start > at) parts.push(data.subarray(at, start));
      if (!(start === 0 && this.covered > 0)) parts.push(MASK);
      at = end;
      covered = Math.max(0, end - hold);
    }
    if (at < hold) parts.push(data.subarray(at, hold));
    this.held = hold < data.length ? Buffer.from(data.subarray(hold)) : NONE;
    this.covered = covered;
    return Buffer.concat(parts);
  }

  private find(data: Buffer): [number, number][] {
    const finds: [number, number][] = [];
    for (const { bytes } of this.secrets) {
      for (let at = data.indexOf(bytes); at >= 0; at = data.indexOf(bytes, at + 1))
        finds.push([at, at + bytes.length]);
    }
    return finds.sort((a, b) => a[0] - b[0]);
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

/** Length of the longest end of `data` that is a proper start of the secret. */
function openPrefix(data: Buffer, { bytes, failure }: { bytes: Buffer; failure: Int32Array }): number {
  let length = 0;
  for (let i = Math.max(0, data.length - bytes.length + 1); i < data.length; i++) {
    while (length > 0 && data[i] !== bytes[length]) length = failure[length - 1]!;
    if (data[i] === bytes[length]) length++;
  }
  return length;
}

function failureTable(bytes: Buffer): Int32Array {
  const table = new Int32Array(bytes.length);
  for (let i = 1, length = 0; i < bytes.length; i++) {
    while (length > 0 && bytes[i] !== bytes[length]) length = table[length - 1]!;
    if (bytes[i] === bytes[length]) length++;
    table[i] = length;
  }
  return table;
}
