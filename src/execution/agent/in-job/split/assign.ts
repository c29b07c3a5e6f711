// Shares out tests among the nodes of a parallel job (AGENT ).
import { comparerFor, sortedNames } from '../compare.js';

export interface Weighted {
  name: string;
  /** Seconds, bytes, or 1 for each: 0 or more. */
  weight: number;
}

/**
 * The tests of each node: the heaviest first, each to the node that has the least so far, of equals the first. Tests of the
 * same weight go by name, so that all nodes come to the same shares whatever order the list has; those of weight 0 go to the
 * one of those nodes that has fewest tests, or one node would get all of a list that weighs nothing.
 */
export function assign(tests: readonly Weighted[], nodes: number): string[][] {
  const shares = Array.from({ length: nodes }, () => ({ total: 0, names: [] as string[] }));
  for (const { name, weight } of heaviestFirst(tests)) {
    let least = shares[0]!;
    for (const share of shares) {
      const isLess =
        share.total < least.total ||
        (weight === 0 && share.total === least.total && share.names.length < least.names.length);
      if (isLess) least = share;
    }
    least.total += weight;
    least.names.push(name);
  }
  return shares.map(({ names }) => names);
}

function heaviestFirst(tests: readonly Weighted[]): Weighted[] {
  const names = tests.map(({ name }) => name);
  const weight = tests[0]?.weight ?? 0;
  // Names alone are sorted several times as fast.
  if (tests.every((test) => test.weight === weight)) {
    return sortedNames(names).map((name) => ({ name, weight }));
  }
  const compare = comparerFor(names);
  return [...tests].sort((a, b) => b.weight - a.weight || compare(a.name, b.name));
}
