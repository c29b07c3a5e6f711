// The name that somebody may have meant who wrote one that does not exist.

/** A line such as `Did you mean "steps" instead of "stpes"?`, or undefined when no name is near enough to be a slip. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const most = Math.min(3, Math.floor(name.length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > most) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= most && (!best || distance < best.distance)) best = { candidate, distance };
  }
  return best && `Did you mean "${best.candidate}" instead of "${name}"?`;
}

/** Letters to insert, delete, change or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(change, previous[j]! + 1, current[j - 1]! + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, older[j - 2]! + 1);
      current.push(least);
    }
    [older, previous] = [previous, current];
  }
  return previous[b.length]!;
}
