// Job names are unique without regard to case (LANGUAGE C-021).
import { problemAt } from '../problems/fault.js';
import type { ConfigProblem } from '../config.types.js';
import { entriesOf, type MappingNode } from '../yaml/node.js';

/** One problem per name that another one equals but for case. */
export function checkJobNames(root: MappingNode): ConfigProblem[] {
  const jobs = root.entries.get('jobs');
  const seen = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (const [name, job] of entriesOf(jobs)) {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), other ?? name);
    if (other === undefined) continue;
    const place = jobs?.kind === 'mapping' ? jobs.keys.get(name) : undefined;
    const message = `The names of jobs must differ in more than case: '${other}' and '${name}'`;
    problems.push(problemAt(message, place ?? job));
  }
  return problems;
}
