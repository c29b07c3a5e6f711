// Problems as the original's API lists them: one entry per line, not per problem (LANGUAGE C-014).
import type { ConfigProblem } from '../config.types.js';

/** The lines of all problems in order, without hints and places: only the words of a parse error name a line. */
export function errorLines(problems: readonly ConfigProblem[]): string[] {
  return problems.flatMap(({ message }) => message.split('\n'));
}

/** A problem's words for people: the hint is an extra line. */
export function fullMessage({ message, hint }: ConfigProblem): string {
  return hint === undefined ? message : `${message}\n${hint}`;
}

/** What stands above a version 2 config that breaks the schema and runs all the same (LANGUAGE C-005). */
export function warningComment(problems: readonly ConfigProblem[]): string {
  if (problems.length === 0) return '';
  const lines = [
    '-------- WARNING ---------',
    'Your config does not conform to the schema.',
    'Violations are listed below:',
    '',
    ...errorLines(problems),
  ];
  return asComment(lines);
}

/** The source below the compiled text, as the original's compile endpoint appends it (LANGUAGE C-389). */
export function sourceComment(source: string): string {
  const escaped = source.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `\n${asComment(['Original config.yml file:', ...escaped.trimEnd().split('\n')])}`;
}

function asComment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line}\n`).join('');
}
