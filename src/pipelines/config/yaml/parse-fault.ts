// The message of a text that is no YAML, laid out as SnakeYAML does it: what, where, the line, a caret (LANGUAGE C-007).
import { ConfigFault, fault } from '../problems/fault.js';
import { diagnose, type Diagnosis } from './diagnose/diagnose.js';

const INDENT = ' '.repeat(4);
/** So much of a long line is shown on either side of the place. */
const AROUND = 75 / 2 - 1;

/** `problem` and the offset are the parser's own view, for texts in which the diagnosis finds nothing. */
export function parseFault(source: string, problem: string, at: number): ConfigFault {
  return faultOf(source, diagnose(source) ?? { problem, at });
}

/** A fault that is no matter of syntax, such as an alias without its anchor. */
export function faultOf(source: string, { context, problem, at }: Diagnosis): ConfigFault {
  const lines = ['Unable to parse YAML'];
  if (context) lines.push(context.text);
  if (context?.at !== undefined) lines.push(...mark(source, context.at));
  lines.push(problem, ...mark(source, at));
  const { line, column } = placeOf(source, at);
  return fault(lines.join('\n'), { line, column });
}

/** 1-based; columns in characters, not in code units. */
function placeOf(source: string, at: number): { line: number; column: number } {
  const lines = source.slice(0, at).split(/\r\n|[\r\n\u0085\u2028\u2029]/);
  return { line: lines.length, column: [...(lines[lines.length - 1] ?? '')].length + 1 };
}

function mark(source: string, at: number): string[] {
  const { line, column } = placeOf(source, at);
  const isBreak = (offset: number): boolean => /[\r\n\u0085\u2028\u2029]/.test(source[offset] ?? '\n');
  let [start, head] = [at, ''];
  while (start > 0 && !isBreak(start - 1)) {
    start -= 1;
    if (at - start <= AROUND) continue;
    [head, start] = [' ... ', start + 5];
    break;
  }
  let [end, tail] = [at, ''];
  while (end < source.length && !isBreak(end)) {
    end += 1;
    if (end - at <= AROUND) continue;
    [tail, end] = [' ... ', end - 5];
    break;
  }
  return [
    ` in 'string', line ${line}, column ${column}:`,
    `${INDENT}${head}${source.slice(start, end)}${tail}`,
    `${INDENT}${' '.repeat(at - start + head.length)}^`,
  ];
}
