// A problem as the command line and the API print it: with its place, which may be in an orb.
import type { ConfigProblem } from '../config.types.js';
import { fullMessage } from './lines.js';

/** `FILE:LINE:COLUMN: message`, and its hint as an extra line; `fileName` is for problems without a place. */
export function problemText(problem: ConfigProblem, fileName: string): string {
  const { file, line, column } = problem;
  const place = line === undefined ? '' : `:${line}:${column ?? 1}`;
  return `${file ?? fileName}${place}: ${fullMessage(problem)}`;
}
