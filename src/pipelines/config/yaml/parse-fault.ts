// The message of a text that is no YAML, laid out as SnakeYAML does it: what, where, the line, a caret (LANGUAGE C-007).
import { ConfigFault, fault } from '../problems/fault.js';

const EXCERPT = 75;

export function parseFault(source: string, what: string, at: { line: number; col: number }): ConfigFault {
  const text = (source.split('\n')[at.line - 1] ?? '').replace(/\r$/, '');
  const from = Math.max(0, at.col - 1 - Math.floor(EXCERPT / 2));
  const excerpt = text.slice(from, from + EXCERPT);
  const caret = ' '.repeat(Math.max(0, at.col - 1 - from));
  const message = [
    'Unable to parse YAML',
    what,
    ` in 'string', line ${at.line}, column ${at.col}:`,
    `    ${excerpt}`,
    `    ${caret}^`,
  ];
  return fault(message.join('\n'), { line: at.line, column: at.col });
}
