// The order in which compiled jobs are printed. It is no data, but the original's text has it: up to eight jobs stand in
// order of first use (LANGUAGE C-390); more stand as a hash map of Clojure, in which the original is written, lists them.
// Seen in recorded outputs of 2019 and 2021, all of which it gives exactly.

const LARGEST_ORDERED = 8;

/** `names` in order of first use. */
export function printedOrder(names: readonly string[]): string[] {
  if (names.length <= LARGEST_ORDERED) return [...names];
  const keyed = names.map((name) => ({ name, path: pathOf(hash(name)) }));
  return keyed.sort((a, b) => compare(a.path, b.path)).map(({ name }) => name);
}

/** The way through a tree of 32 children per node: five bits of the hash for each level, lowest first. */
function pathOf(value: number): number[] {
  return Array.from({ length: 7 }, (_, level) => (value >>> (5 * level)) & 31);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((digit, level) => digit !== b[level]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}

/** Murmur3 of Java's hash of the string, as 32 bits. */
function hash(text: string): number {
  let code = 0;
  for (let i = 0; i < text.length; i += 1) code = (Math.imul(code, 31) + text.charCodeAt(i)) | 0;
  if (code === 0) return 0;
  const mixed = Math.imul(rotate(Math.imul(code, 0xcc9e2d51), 15), 0x1b873593);
  let h = (Math.imul(rotate(mixed, 13), 5) + 0xe6546b64) ^ 4;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
