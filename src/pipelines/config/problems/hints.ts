// What is legal and yet cannot be what was meant.
import type { ConfigProblem } from '../config.types.js';
import { entriesOf, type MappingNode } from '../yaml/node.js';
import { problemAt } from './fault.js';

/** Parameters of jobs that no workflow can give, since the keys mean something else there (LANGUAGE C-225). */
export function hintsOf(root: MappingNode, reserved: ReadonlySet<string>): ConfigProblem[] {
  return [...entriesOf(root.entries.get('jobs'))].flatMap(([job, node]) => {
    const parameters = entriesOf(node).get('parameters');
    return [...entriesOf(parameters)]
      .filter(([name]) => reserved.has(name))
      .map(([name, declaration]) => {
        const place = (parameters as MappingNode).keys.get(name) ?? declaration;
        return problemAt(`Parameter ${name} of job ${job} cannot be given: the name is reserved`, place);
      });
  });
}
