// Problems as the original's API lists them: one entry per line, not per problem (LANGUAGE C-014).
import type { ConfigProblem } from '../config.types.js';

/** The lines of all problems in order. Places are not in them: only the words of a parse error name a line. */
export function errorLines(problems: readonly ConfigProblem[]): string[] {
  return problems.flatMap(({ message }) => message.split('\n'));
}
