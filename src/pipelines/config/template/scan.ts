// Splits a string into text and `<< >>` tags. The scanner is textual: quotes and comments of a shell do not matter to it.

export type TemplatePart =
  | { kind: 'text'; text: string }
  /** `source` is the tag as written, with its brackets. */
  | { kind: 'tag'; content: string; source: string }
  /** `<<# name >> … <</ name >>` of old orbs (LANGUAGE C-163); inverted when it began with `<<^`. */
  | { kind: 'section'; name: string; inverted: boolean; parts: TemplatePart[] };

export class TemplateSyntaxError extends Error {}

interface OpenSection {
  name: string;
  inverted: boolean;
  parts: TemplatePart[];
}

/** True when the string has nothing to evaluate or to unescape. */
export function isLiteral(text: string): boolean {
  return !text.includes('<<');
}

/** Throws TemplateSyntaxError with the words of C-162 for an unclosed tag. `\<<` is a literal `<<` (C-161). */
export function scanTemplate(text: string): TemplatePart[] {
  const stack: OpenSection[] = [{ name: '', inverted: false, parts: [] }];
  const top = (): OpenSection => stack[stack.length - 1]!;
  let from = 0;
  for (let at = text.indexOf('<<'); at !== -1; at = text.indexOf('<<', from)) {
    if (text[at - 1] === '\\' && at > from) {
      addText(top().parts, `${text.slice(from, at - 1)}<<`);
      from = at + 2;
      continue;
    }
    const end = text.indexOf('>>', at + 2);
    if (end === -1) throw unclosed(text);
    const content = text.slice(at + 2, end).trim();
    // Packing an orb replaces these; the original has no better word for one that was left (C-135).
    if (/^include\(.*\)$/.test(content)) throw unclosed(text);
    const mark = /^[#^/]/.test(content) ? content[0] : undefined;
    const name = content.slice(1).trim();
    const line = mark === undefined ? undefined : wholeLine(text, from, at, end + 2);
    addText(top().parts, text.slice(from, line?.start ?? at));
    from = line?.end ?? end + 2;
    if (mark === undefined) top().parts.push({ kind: 'tag', content, source: text.slice(at, from) });
    else if (mark === '/') closeSection(stack, name, text);
    else stack.push({ name, inverted: mark === '^', parts: [] });
  }
  addText(top().parts, text.slice(from));
  if (stack.length > 1) throw unclosed(text);
  return top().parts;
}

/** The line of a section tag that stands alone on it: such a line is not printed. `from` is where the last tag ended. */
function wholeLine(
  text: string,
  from: number,
  at: number,
  end: number,
): { start: number; end: number } | undefined {
  const newline = text.slice(from, at).lastIndexOf('\n');
  // Another tag stands before it on the line.
  if (newline === -1 && from > 0 && text[from - 1] !== '\n') return undefined;
  const start = newline === -1 ? from : from + newline + 1;
  if (text.slice(start, at).trim() !== '') return undefined;
  const rest = /[^\S\n]*(?:\n|$)/y;
  rest.lastIndex = end;
  const found = rest.exec(text);
  if (!found) return undefined;
  const lineEnd = end + found[0].length;
  return { start, end: lineEnd };
}

function addText(parts: TemplatePart[], text: string): void {
  if (text === '') return;
  const last = parts[parts.length - 1];
  if (last?.kind === 'text') last.text += text;
  else parts.push({ kind: 'text', text });
}

function closeSection(stack: OpenSection[], name: string, text: string): void {
  const section = stack.pop();
  const parent = stack[stack.length - 1];
  if (!section || !parent || section.name !== name) throw unclosed(text);
  parent.parts.push({ kind: 'section', ...section });
}

function unclosed(text: string): TemplateSyntaxError {
  return new TemplateSyntaxError(
    `Unclosed '<<' tag in string: '${text}'\n('<<' must be escaped as '\\<<' in config v2.1+)`,
  );
}
