// Sets of characters as ranges of code points, so that Java's classes can be joined, cut and turned around.

export type Range = readonly [from: number, to: number];
/** Sorted, without overlaps. */
export type CharSet = readonly Range[];

const LAST = 0x10ffff;

export function charSet(...ranges: readonly Range[]): CharSet {
  const result: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result[result.length - 1];
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** Of pairs of characters and single ones: `setOf('az', '09', '_')`. */
export function setOf(...pairs: readonly string[]): CharSet {
  return charSet(...pairs.map((pair): Range => [pair.codePointAt(0)!, pair.codePointAt(pair.length - 1)!]));
}

export function union(...sets: readonly CharSet[]): CharSet {
  return charSet(...sets.flat());
}

export function complement(set: CharSet): CharSet {
  const result: Range[] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) result.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST) result.push([next, LAST]);
  return result;
}

export function intersection(a: CharSet, b: CharSet): CharSet {
  return complement(union(complement(a), complement(b)));
}

/** With the other case of every ASCII letter in it. */
export function foldAscii(set: CharSet): CharSet {
  const letters = (from: string, to: string, shift: number): Range[] =>
    intersection(set, setOf(from + to)).map(([first, last]): Range => [first + shift, last + shift]);
  return union(set, letters('a', 'z', -32), letters('A', 'Z', 32));
}
