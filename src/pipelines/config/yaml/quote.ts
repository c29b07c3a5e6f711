// Strings in quotes and as blocks, in SnakeYAML's layout without folding of long lines.

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

export function doubleQuoted(text: string): string {
  return `"${text.replace(/[^ !#-[\]-~]/gu, escaped)}"`;
}

function escaped(char: string): string {
  const known = ESCAPES[char];
  if (known !== undefined) return known;
  const code = char.codePointAt(0)!;
  if (code >= 0xa0 && code <= 0xfffd && code !== 0xfeff && !(code >= 0xd800 && code <= 0xdfff)) return char;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** `indent` is where a second line of the text begins. Between lines of text an empty line is needed for every break. */
export function singleQuoted(text: string, indent: number): string {
  const quoted = text.replaceAll("'", "''");
  return `'${quoted.replace(/[\n\u0085\u2028\u2029]+/g, (breaks) => `\n${breaks}${' '.repeat(indent)}`)}'`;
}

/** A `|` block; without its last line feed, which every line of the output gets. */
export function literal(text: string, indent: number): string {
  // A first line that begins with a blank, or is empty, would leave the indentation unknown.
  const hint = /^[ \n\u0085\u2028\u2029]/.test(text) ? '2' : '';
  const lines = text.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
  if (!text.endsWith('\n')) return `|${hint}-\n${lines.join('\n')}`;
  const keep = text === '\n' || text.endsWith('\n\n') ? '+' : '';
  return `|${hint}${keep}\n${lines.slice(0, -1).join('\n')}`;
}
