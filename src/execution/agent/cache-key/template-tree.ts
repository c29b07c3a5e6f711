// A template as a tree: texts, pipes, `if` and `with`, and the setting of variables.
import { parseError, templateParts, type Action, type Token } from './template-parts.js';

export type Expression =
  | { kind: 'field'; names: string[]; text: string; at: number }
  | { kind: 'variable'; name: string; names: string[]; text: string; at: number }
  | { kind: 'call'; name: string; text: string; at: number }
  | { kind: 'value'; value: string | number | boolean | undefined; text: string; at: number }
  | Pipe;

export interface Pipe {
  kind: 'pipe';
  commands: Expression[][];
  text: string;
  at: number;
}

export type TemplateNode =
  | string
  | Pipe
  /** `declared`: with `:=`, a variable from here to the end of its block; else one that is there gets another value. */
  | { kind: 'set'; name: string; declared: boolean; pipe: Pipe }
  | { kind: 'if' | 'with'; pipe: Pipe; name?: string; then: TemplateNode[]; otherwise: TemplateNode[] };

const NOT_SUPPORTED = new Set(['range', 'break', 'continue', 'template', 'define', 'block']);
const CONSTANTS: Readonly<Record<string, boolean | undefined>> = { true: true, false: false, nil: undefined };

/** Throws TemplateError. `defined`: whether there is a function of this name. */
export function templateTree(source: string, defined: (name: string) => boolean): TemplateNode[] {
  return new TreeParser(source, defined).whole();
}

class TreeParser {
  private readonly parts: (string | Action)[];
  private next = 0;

  constructor(
    private readonly source: string,
    private readonly defined: (name: string) => boolean,
  ) {
    this.parts = templateParts(source);
  }

  whole(): TemplateNode[] {
    const { nodes, end } = this.list();
    if (end) throw parseError(this.source, end.at, `unexpected {{${wordOf(end)}}}`);
    return nodes;
  }

  /** Up to `end`, `else` or the end of the template; the action that ended it is given, too. */
  private list(): { nodes: TemplateNode[]; end?: Action } {
    const nodes: TemplateNode[] = [];
    while (this.next < this.parts.length) {
      const part = this.parts[this.next++]!;
      if (typeof part === 'string') {
        nodes.push(part);
        continue;
      }
      const word = wordOf(part);
      if (word === 'end' || word === 'else') return { nodes, end: part };
      if (word === 'if' || word === 'with') nodes.push(this.branch(word, part));
      else if (NOT_SUPPORTED.has(word))
        throw parseError(this.source, part.at, `{{${word}}} is not supported in a cache key`);
      else nodes.push(this.action(part));
    }
    return { nodes };
  }

  private branch(kind: 'if' | 'with', action: Action): TemplateNode {
    const { name, pipe } = this.pipeOf({ ...action, tokens: action.tokens.slice(1) }, kind);
    const { nodes: then, end } = this.list();
    let otherwise: TemplateNode[] = [];
    if (end && wordOf(end) === 'else') {
      const [, word] = end.tokens;
      if (word && (word.text === 'if' || word.text === 'with'))
        return {
          kind,
          pipe,
          name,
          then,
          otherwise: [this.branch(word.text, { ...end, tokens: end.tokens.slice(1) })],
        };
      const rest = this.list();
      otherwise = rest.nodes;
      if (!rest.end) throw this.endMissing();
      if (wordOf(rest.end) === 'else')
        throw parseError(this.source, rest.end.at, 'expected end; found {{else}}');
    } else if (!end) throw this.endMissing();
    return { kind, pipe, name, then, otherwise };
  }

  private action(action: Action): TemplateNode {
    const { name, pipe } = this.pipeOf(action, 'command');
    const declared = action.tokens[1]?.kind === ':=';
    return name === undefined ? pipe : { kind: 'set', name, declared, pipe };
  }

  private pipeOf({ tokens, at }: Action, context: string): { name?: string; pipe: Pipe } {
    const [first, second] = tokens;
    const sets = first?.kind === 'variable' && (second?.kind === ':=' || second?.kind === '=');
    const pipe = parsePipe(sets ? tokens.slice(2) : tokens, at, this.source, this.defined, context);
    return sets ? { name: first.text, pipe } : { pipe };
  }

  private endMissing(): Error {
    return parseError(this.source, this.source.length, 'unexpected EOF');
  }
}

function wordOf({ tokens: [first] }: Action): string {
  return first?.kind === 'identifier' ? first.text : '';
}

function parsePipe(
  tokens: Token[],
  start: number,
  source: string,
  defined: (name: string) => boolean,
  context: string,
): Pipe {
  let next = 0;
  const fail = (message: string) =>
    parseError(source, tokens[Math.min(next, tokens.length - 1)]?.at ?? start, message);
  const pipe = (): Pipe => {
    const at = tokens[next]?.at ?? start;
    const commands: Expression[][] = [[]];
    while (next < tokens.length && tokens[next]!.kind !== ')') {
      const token = tokens[next++]!;
      const command = commands.at(-1)!;
      if (token.kind === '|') {
        if (command.length === 0) throw fail(`missing value for ${context}`);
        commands.push([]);
      } else if (token.kind === '(') {
        const inner = pipe();
        if (tokens[next]?.kind !== ')') throw fail('unclosed left paren');
        next++;
        command.push({ ...inner, text: `(${inner.text})` });
      } else command.push(operand(token));
    }
    if (commands.at(-1)!.length === 0) throw fail(`missing value for ${context}`);
    const text = commands.map((command) => command.map((each) => each.text).join(' ')).join(' | ');
    return { kind: 'pipe', commands, text, at };
  };
  const operand = ({ kind, text, at }: Token): Expression => {
    if (kind === 'field') return { kind, names: text.split('.').filter(Boolean), text, at };
    if (kind === 'variable') {
      const [name = '', ...names] = text.split('.');
      return { kind, name, names, text, at };
    }
    if (kind === 'number') return { kind: 'value', value: Number(text), text, at };
    if (kind === 'string') return { kind: 'value', value: unquote(text), text, at };
    if (kind !== 'identifier') throw fail(`unexpected <${text}> in ${context}`);
    if (Object.hasOwn(CONSTANTS, text)) return { kind: 'value', value: CONSTANTS[text], text, at };
    if (!defined(text)) throw fail(`function "${text}" not defined`);
    return { kind: 'call', name: text, text, at };
  };
  const whole = pipe();
  if (next < tokens.length) throw fail('unexpected right paren');
  return whole;
}

function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };
  return text.slice(1, -1).replace(/\\(.)/g, (_whole, char: string) => escapes[char] ?? char);
}
