// The order of names: that of their bytes, as a program in Go or `LC_ALL=C sort` has it.

const SURROGATE = /[\ud800-\udfff]/;

/** Negative when `a` comes first. UTF-16 order is byte order, but for characters that need two units. */
export function compareNames(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A sorted copy. */
export function sortedNames(names: readonly string[]): string[] {
  // Without a function of ours the engine sorts by UTF-16 units, and several times as fast.
  return names.some((name) => SURROGATE.test(name)) ? [...names].sort(compareNames) : [...names].sort();
}
