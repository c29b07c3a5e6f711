// Makes a finding small enough to read: takes away lines, then parts of lines, as long as the finding stays.

/** At most `tries` looks. `stays` tells whether a text still shows it. */
export async function shrink(
  text: string,
  stays: (smaller: string) => Promise<boolean>,
  tries = 200,
): Promise<string> {
  const left = { tries };
  const byLines = await reduce(text.split('\n'), '\n', stays, left);
  const longest = byLines.split('\n').reduce((a, b) => (b.length > a.length ? b : a), '');
  if (longest.length < 200) return byLines;
  const around = byLines.split(longest);
  const join = (line: string): string => around.join(line);
  const line = await reduce(longest.match(/.{1,50}/gsu) ?? [], '', (smaller) => stays(join(smaller)), left);
  return join(line);
}

async function reduce(
  parts: string[],
  separator: string,
  stays: (text: string) => Promise<boolean>,
  left: { tries: number },
): Promise<string> {
  let kept = parts;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length && left.tries > 0;) {
      const smaller = [...kept.slice(0, from), ...kept.slice(from + size)];
      left.tries -= 1;
      if (await stays(smaller.join(separator))) kept = smaller;
      else from += size;
    }
  }
  return kept.join(separator);
}
