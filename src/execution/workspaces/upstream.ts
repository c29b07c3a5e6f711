// Which jobs lie upstream of one, in an order in which each comes after those it requires, and which of them are in no
// order at all.

export interface GraphJob {
  id: string;
  name: string;
  requires: readonly { job: string }[];
  /** Place in the order of the config: breaks ties. */
  ordinal: number;
}

/** Ids of all transitive requirements of the job called `name`. */
export function upstreamInOrder(jobs: readonly GraphJob[], name: string): string[] {
  const wanted = ancestors(jobs, name);
  const left = jobs.filter((job) => wanted.has(job.name)).sort((a, b) => a.ordinal - b.ordinal);
  const order: GraphJob[] = [];
  while (left.length > 0) {
    const next = left.findIndex((job) =>
      job.requires.every((r) => !left.some((other) => other.name === r.job)),
    );
    order.push(...left.splice(Math.max(next, 0), 1));
  }
  return order.map((job) => job.id);
}

/** Tells of two different jobs, by their ids, whether neither comes before the other. */
export function concurrency(jobs: readonly GraphJob[]): (one: string, other: string) => boolean {
  const names = new Map(jobs.map(({ id, name }) => [id, name]));
  const before = new Map<string, Set<string>>();
  const ancestorsOf = (name: string): Set<string> => {
    if (!before.has(name)) before.set(name, ancestors(jobs, name));
    return before.get(name)!;
  };
  return (one, other) => {
    const [a, b] = [names.get(one), names.get(other)];
    return a !== undefined && b !== undefined && !ancestorsOf(a).has(b) && !ancestorsOf(b).has(a);
  };
}

/** Names of the transitive requirements of a job. */
function ancestors(jobs: readonly GraphJob[], name: string): Set<string> {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const found = new Set<string>();
  const collect = (job: GraphJob | undefined): void => {
    for (const { job: required } of job?.requires ?? []) {
      if (found.has(required)) continue;
      found.add(required);
      collect(byName.get(required));
    }
  };
  collect(byName.get(name));
  return found;
}
