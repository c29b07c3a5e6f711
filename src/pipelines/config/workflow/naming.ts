// Names of compiled jobs over the whole pipeline: different jobs under one name are numbered (LANGUAGE C-291, C-401).

export interface NamedInvocation {
  workflow: number;
  name: string;
  /** A text that is equal for equal bodies; undefined for jobs without one, such as approvals. */
  body: string | undefined;
}

/**
 * The final name of every invocation, in order. One body under one name keeps the bare name and is shared between
 * workflows; several get `-1`, `-2`, ... in order of first use. Repeats inside one workflow are jobs of their own, since
 * names in a workflow are unique. A number that would give a name that is already taken is passed over.
 */
export function finalNames(invocations: readonly NamedInvocation[]): string[] {
  // Bodies are long: each is compared once, and stands for itself as a number from then on.
  const bodies = new Map<string | undefined, number>();
  const numberOf = (body: string | undefined): number => {
    const known = bodies.get(body) ?? bodies.size;
    bodies.set(body, known);
    return known;
  };
  const variants = new Map<string, Set<string>>();
  const repeats = new Map<string, number>();
  const variantOf = invocations.map(({ workflow, name, body: text }) => {
    const body = numberOf(text);
    const seen = `${workflow}\n${body}\n${name}`;
    const repeat = (repeats.get(seen) ?? 0) + 1;
    repeats.set(seen, repeat);
    const variant = `${repeat}\n${body}`;
    const known = variants.get(name);
    if (known) known.add(variant);
    else variants.set(name, new Set([variant]));
    return variant;
  });
  const taken = new Set(variants.keys());
  const numbered = new Map<string, string>();
  for (const [name, list] of variants) {
    let number = 0;
    for (const variant of list) {
      do number += 1;
      while (list.size > 1 && taken.has(`${name}-${number}`));
      numbered.set(`${variant}\n${name}`, list.size > 1 ? `${name}-${number}` : name);
    }
  }
  return invocations.map(({ name }, index) => numbered.get(`${variantOf[index]}\n${name}`) ?? name);
}
