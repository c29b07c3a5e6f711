// How a string is written: unquoted, as a block, or in quotes. The rules are SnakeYAML's, which made the original's output,
// so that the text is the same and not only the data (LANGUAGE C-396; looked up in recorded outputs).
import { isPlainText } from './scalar.js';

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal';

const LINE_BREAK = /[\n\u0085\u2028\u2029]/;
/** Neither printable nor a line feed, as SnakeYAML sees it. Tabs are among them: text with tabs goes into double quotes. */
const SPECIAL = /[^\n\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
/** Characters that mean something to YAML at the start of an unquoted scalar, or behind and before a blank. */
const INDICATOR =
  /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t\r\n\0\u0085\u2028\u2029]|$))|:(?=[ \t\0]|$)|[ \t\r\n\0\u0085\u2028\u2029]#/;

/** Letters, digits and signs that mean nothing to YAML, with single blanks between them: most texts, and never quoted for their signs. */
const SIMPLE = /^[A-Za-z_](?:[\w./@=+-]| (?=[\w./@=+-]))*$/;

/** The style of a value; keys are never blocks. */
export function styleOf(text: string, isKey: boolean): ScalarStyle {
  if (text === '') return 'single';
  if (SIMPLE.test(text)) return isPlainText(text) ? 'plain' : 'single';
  const hasBreaks = LINE_BREAK.test(text);
  const unquotable = SPECIAL.test(text) || / [\n\u0085\u2028\u2029]/.test(text);
  if (unquotable) return 'double';
  if (hasBreaks && !isKey && !text.endsWith(' ')) return 'literal';
  const breakBeforeSpace = /[\n\u0085\u2028\u2029] /.test(text);
  if (hasBreaks) return breakBeforeSpace || isKey ? 'double' : 'single';
  if (text.startsWith(' ') || text.endsWith(' ')) return 'single';
  return isPlainText(text) && !INDICATOR.test(text) ? 'plain' : 'single';
}
