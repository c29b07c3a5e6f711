// Which jobs lie upstream of one, in an order in which each comes after those it requires.

export interface GraphJob {
  id: string;
  name: string;
  requires: readonly { job: string }[];
  /** Place in the order of the config: breaks ties. */
  ordinal: number;
}

/** Ids of all transitive requirements of the job called `name`. */
export function upstreamInOrder(jobs: readonly GraphJob[], name: string): string[] {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const wanted = new Set<string>();
  const collect = (job: GraphJob | undefined): void => {
    for (const { job: required } of job?.requires ?? []) {
      if (wanted.has(required)) continue;
      wanted.add(required);
      collect(byName.get(required));
    }
  };
  collect(byName.get(name));
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
