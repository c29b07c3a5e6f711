// Finds all places of many values in bytes, in one pass. One indexOf for each costs with twenty of them, where their first
// characters are frequent, more than everything else that is done with output.
//
// Of every so many bytes two or three are looked at, so many that one look falls into the first bytes of each value,
// wherever it stands. A table tells whether what is seen there stands anywhere in a value; if so, the value is compared.
// (Jumps by what was seen, as Wu and Manber have them, are fewer, but each has to wait for the one before: three times as
// slow.) What was made so that everything has to be compared, such as a value of equal characters in output of the same,
// is searched in linear time, value by value.

/** Of longer values so many bytes count: looks are rare enough then. */
const LONGEST_WINDOW = 64;
/** From this window on three bytes are looked at: fewer looks find something by chance. */
const LONG_WINDOW = 8;
/** So many bytes are compared for each byte searched, before the search that cannot be slowed down takes over. */
const PATIENCE = 4;

export interface Value {
  readonly bytes: Buffer;
  /** Of each start of the value: the length of its longest proper end that is a start of the value too (KMP). */
  readonly failure: Int32Array;
}

interface Candidate {
  bytes: Buffer;
  /** Where in the value that is which was seen. */
  offset: number;
}

export class ValueFinder {
  /** Bytes of one look. */
  private readonly width: 2 | 3;
  /** Bytes from one look to the next. */
  private readonly stride: number;
  private readonly seen = new Uint8Array(0x10000);
  private readonly candidates = new Map<number, Candidate[]>();

  /** @param values of at least two bytes each */
  constructor(private readonly values: readonly Value[]) {
    const window = Math.min(LONGEST_WINDOW, ...values.map(({ bytes }) => bytes.length));
    this.width = window < LONG_WINDOW ? 2 : 3;
    this.stride = Math.max(1, window - this.width + 1);
    for (const { bytes } of values) {
      for (let offset = 0; offset < this.stride; offset++) {
        const look = this.width === 2 ? pairAt(bytes, offset) : tripleAt(bytes, offset);
        this.seen[look] = 1;
        this.candidates.set(look, [...(this.candidates.get(look) ?? []), { bytes, offset }]);
      }
    }
  }

  /** Start and end of occurrences, by start: of those of one value that share bytes, each one or all as one. */
  find(data: Buffer): [number, number][] {
    const search = new Search(data, this.candidates);
    const { seen, stride, width } = this;
    const next = width === 2 ? nextPair : nextTriple;
    const end = data.length - width;
    for (let at = next(data, 0, end, stride, seen); at <= end && search.patience > 0;) {
      search.compare(width === 2 ? pairAt(data, at) : tripleAt(data, at), at);
      at = next(data, at + stride, end, stride, seen);
    }
    const finds = search.patience > 0 ? search.finds : this.values.flatMap((value) => places(data, value));
    return finds.sort((a, b) => a[0] - b[0]);
  }
}

class Search {
  readonly finds: [number, number][] = [];
  patience: number;

  constructor(
    private readonly data: Buffer,
    private readonly candidates: ReadonlyMap<number, Candidate[]>,
  ) {
    this.patience = PATIENCE * data.length + 1024;
  }

  /** Compares the values in which that stands which was seen there. */
  compare(look: number, at: number): void {
    const { data } = this;
    for (const { bytes, offset } of this.candidates.get(look)!) {
      const start = at - offset;
      this.patience -= 4;
      if (start < 0 || start + bytes.length > data.length || data[start] !== bytes[0]) continue;
      this.patience -= bytes.length;
      if (data.compare(bytes, 0, bytes.length, start, start + bytes.length) === 0)
        this.finds.push([start, start + bytes.length]);
    }
  }
}

/** Where the next look sees something of a value; behind `end` when none does. Small, so that it is translated well. */
function nextPair(data: Buffer, from: number, end: number, stride: number, seen: Uint8Array): number {
  let at = from;
  while (at <= end && seen[(data[at]! << 8) | data[at + 1]!] === 0) at += stride;
  return at;
}

function nextTriple(data: Buffer, from: number, end: number, stride: number, seen: Uint8Array): number {
  let at = from;
  while (at <= end && seen[((data[at]! << 8) | data[at + 1]!) ^ ((data[at + 2]! * 0x9e3b) & 0xffff)] === 0)
    at += stride;
  return at;
}

function pairAt(data: Buffer, at: number): number {
  return (data[at]! << 8) | data[at + 1]!;
}

/** Three bytes as a number of 16 bits; others may have the same. */
function tripleAt(data: Buffer, at: number): number {
  return ((data[at]! << 8) | data[at + 1]!) ^ ((data[at + 2]! * 0x9e3b) & 0xffff);
}

export function valueOf(text: string): Value {
  const bytes = Buffer.from(text);
  return { bytes, failure: failureTable(bytes) };
}

/** Length of the longest end of `data` that is a proper start of the value. */
export function openPrefix(data: Buffer, { bytes, failure }: Value): number {
  let length = 0;
  for (let i = Math.max(0, data.length - bytes.length + 1); i < data.length; i++) {
    while (length > 0 && data[i] !== bytes[length]) length = failure[length - 1]!;
    if (data[i] === bytes[length]) length++;
  }
  return length;
}

/** Places of one value, those that share bytes already united: their number would else be that of the bytes. */
function places(data: Buffer, { bytes, failure }: Value): [number, number][] {
  const found: [number, number][] = [];
  let length = 0;
  for (let i = 0; i < data.length; i++) {
    while (length > 0 && (length === bytes.length || data[i] !== bytes[length]))
      length = failure[length - 1]!;
    if (data[i] === bytes[length]) length++;
    if (length < bytes.length) continue;
    const last = found.at(-1);
    const start = i + 1 - length;
    if (last !== undefined && start < last[1]) last[1] = i + 1;
    else found.push([start, i + 1]);
  }
  return found;
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
