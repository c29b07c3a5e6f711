// The list of tests that `tests split` and `tests run` are given.

/**
 * The items of a list, without empty ones. They stand on lines of their own, or all on one line with blanks between them
 * (AGENT A-040): a name with blanks in it needs a list of more than one line.
 */
export function itemsOf(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.length === 1 ? wordsOf(lines[0]!) : lines;
}

/** The items of a list for `tests run`, which knows no names with blanks. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
