// The part of Go's text/template that cache keys use (LANGUAGE C-259): text, fields, function calls, strings, numbers,
// pipes, parentheses, trim markers and comments. Errors have Go's words, since users know and search for them.

export type Value = string | number | Record<string, string> | undefined;

export interface TemplateScope {
  /** Fields of the dot. */
  fields: Readonly<Record<string, Value>>;
  /** What they throw becomes "error calling NAME: ...". */
  functions: Readonly<Record<string, { arity: number; call(...args: Value[]): Value | Promise<Value> }>>;
}

/** A template that Go would not take or could not run; the message is Go's. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

type Node =
  | { kind: 'field'; names: string[]; text: string; at: number }
  | { kind: 'call'; name: string; text: string; at: number }
  | { kind: 'value'; value: Value; text: string; at: number }
  | { kind: 'pipe'; commands: Node[][]; text: string; at: number };
interface Token {
  kind: 'field' | 'identifier' | 'string' | 'number' | '|' | '(' | ')';
  text: string;
  at: number;
}

const NAME = 'cacheKey';

/** Evaluates a template. Throws TemplateError. */
export async function renderTemplate(source: string, scope: TemplateScope): Promise<string> {
  const parts = parse(source, scope);
  let result = '';
  for (const part of parts) {
    result += typeof part === 'string' ? part : printed(await evaluate(part, source, scope));
  }
  return result;
}

function parse(source: string, scope: TemplateScope): (string | Node)[] {
  const parts: (string | Node)[] = [];
  let at = 0;
  let trimNext = false;
  for (;;) {
    const open = source.indexOf('{{', at);
    let text = source.slice(at, open < 0 ? source.length : open);
    if (trimNext) text = text.trimStart();
    if (open < 0) return [...parts, text];
    let from = open + 2;
    if (/^-\s/.test(source.slice(from, from + 2))) {
      text = text.trimEnd();
      from += 1;
    }
    parts.push(text);
    const comment = /^\s*\/\*[^]*?\*\/\s*/.exec(source.slice(from));
    const { tokens, end, trim } = comment ? endOfAction(source, from + comment[0].length) : lex(source, from);
    if (!comment) parts.push(parsePipe(tokens, source, scope));
    trimNext = trim;
    at = end;
  }
}

function endOfAction(source: string, from: number): { tokens: Token[]; end: number; trim: boolean } {
  const close = /^(-)?\}\}/.exec(source.slice(from));
  if (!close)
    throw new TemplateError(
      `template: ${NAME}:${lineOf(source, from)}: comment ends before closing delimiter`,
    );
  return { tokens: [], end: from + close[0].length, trim: close[1] !== undefined };
}

function lex(source: string, from: number): { tokens: Token[]; end: number; trim: boolean } {
  const tokens: Token[] = [];
  const fail = (message: string, at: number) =>
    new TemplateError(`template: ${NAME}:${lineOf(source, at)}: ${message}`);
  for (let at = from; ;) {
    const rest = source.slice(at);
    const close = /^(\s+-)?\}\}/.exec(rest);
    if (close) return { tokens, end: at + close[0].length, trim: close[1] !== undefined };
    const space = /^\s+/.exec(rest);
    if (space) {
      at += space[0].length;
      if (/^-\}\}/.test(source.slice(at))) at -= 1;
      if (source.slice(at, at + 1).trim() === '' && /^\s-\}\}/.test(source.slice(at))) {
        return { tokens, end: at + 4, trim: true };
      }
      continue;
    }
    if (rest === '') throw fail('unclosed action', from);
    const match =
      /^(?<field>\.(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?)/.exec(rest) ??
      /^(?<identifier>[A-Za-z_]\w*)/.exec(rest) ??
      /^(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)/.exec(rest) ??
      /^(?<number>[+-]?\d+(?:\.\d+)?)/.exec(rest);
    if (match) {
      const [kind] = Object.entries(match.groups!).find(([, text]) => text !== undefined)!;
      tokens.push({ kind: kind as Token['kind'], text: match[0], at });
      at += match[0].length;
    } else if (rest[0] === '|' || rest[0] === '(' || rest[0] === ')') {
      tokens.push({ kind: rest[0], text: rest[0], at });
      at += 1;
    } else if (rest[0] === '"') throw fail('unterminated quoted string', at);
    else if (rest[0] === '`') throw fail('unterminated raw quoted string', at);
    else throw fail(`unexpected "${rest[0]!}" in command`, at);
  }
}

function parsePipe(tokens: Token[], source: string, scope: TemplateScope): Node {
  let next = 0;
  const fail = (message: string) => {
    const at = tokens[Math.min(next, tokens.length - 1)]?.at ?? 0;
    return new TemplateError(`template: ${NAME}:${lineOf(source, at)}: ${message}`);
  };
  const pipe = (): Extract<Node, { kind: 'pipe' }> => {
    const start = tokens[next]?.at ?? 0;
    const commands: Node[][] = [[]];
    for (; next < tokens.length && tokens[next]!.kind !== ')';) {
      const token = tokens[next++]!;
      const { text, at } = token;
      const command = commands.at(-1)!;
      if (token.kind === '|') {
        if (command.length === 0) throw fail('missing value for command');
        commands.push([]);
      } else if (token.kind === '(') {
        const inner = pipe();
        if (tokens[next]?.kind !== ')') throw fail('unclosed left paren');
        next++;
        command.push({ ...inner, text: `(${inner.text})` });
      } else if (token.kind === 'field')
        command.push({ kind: 'field', names: text.split('.').filter(Boolean), text, at });
      else if (token.kind === 'identifier') {
        if (!Object.hasOwn(scope.functions, text)) throw fail(`function "${text}" not defined`);
        command.push({ kind: 'call', name: text, text, at });
      } else if (token.kind === 'number') command.push({ kind: 'value', value: Number(text), text, at });
      else command.push({ kind: 'value', value: unquote(text), text, at });
    }
    if (commands.at(-1)!.length === 0) throw fail('missing value for command');
    const text = commands.map((command) => command.map((node) => node.text).join(' ')).join(' | ');
    return { kind: 'pipe', commands, text, at: start };
  };
  const whole = pipe();
  if (next < tokens.length) throw fail('unexpected right paren');
  return whole;
}

async function evaluate(node: Node, source: string, scope: TemplateScope): Promise<Value> {
  if (node.kind === 'value') return node.value;
  if (node.kind === 'field') return fieldOf(node, source, scope);
  if (node.kind === 'call') return callOf([node], undefined, source, scope);
  let piped: { value: Value } | undefined;
  for (const command of node.commands) {
    const [first] = command;
    if (first!.kind === 'call') piped = { value: await callOf(command, piped, source, scope) };
    else if (command.length > 1 || piped)
      throw failure(first!, source, `can't give argument to non-function ${first!.text}`);
    else piped = { value: await evaluate(first!, source, scope) };
  }
  return piped?.value;
}

async function callOf(
  command: Node[],
  piped: { value: Value } | undefined,
  source: string,
  scope: TemplateScope,
): Promise<Value> {
  const [callee, ...rest] = command;
  if (callee?.kind !== 'call') return undefined;
  const text = command.map((node) => node.text).join(' ');
  const args: Value[] = [];
  for (const node of rest) args.push(await evaluate(node, source, scope));
  if (piped) args.push(piped.value);
  const known = scope.functions[callee.name]!;
  if (args.length !== known.arity) {
    throw failure(
      callee,
      source,
      `wrong number of args for ${callee.name}: want ${known.arity} got ${args.length}`,
    );
  }
  try {
    return await known.call(...args);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw failure({ ...callee, text }, source, `error calling ${callee.name}: ${reason}`);
  }
}

function fieldOf(node: Extract<Node, { kind: 'field' }>, source: string, { fields }: TemplateScope): Value {
  let value: Value = fields as Record<string, string>;
  node.names.forEach((name, depth) => {
    if (typeof value !== 'object') throw failure(node, source, `can't evaluate field ${name} in type string`);
    if (depth === 0 && !Object.hasOwn(value, name)) {
      throw failure(node, source, `can't evaluate field ${name} in type cache.KeyData`);
    }
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  });
  return value;
}

function failure(node: Node, source: string, message: string): TemplateError {
  const lineStart = source.lastIndexOf('\n', node.at - 1) + 1;
  const column = Buffer.byteLength(source.slice(lineStart, node.at));
  return new TemplateError(
    `template: ${NAME}:${lineOf(source, node.at)}:${column}: executing "${NAME}" at <${node.text}>: ${message}`,
  );
}

function printed(value: Value): string {
  if (value === undefined) return '<no value>';
  if (typeof value !== 'object') return String(value);
  return `map[${Object.keys(value)
    .sort()
    .map((key) => `${key}:${String(value[key])}`)
    .join(' ')}]`;
}

function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };
  return text.slice(1, -1).replace(/\\(.)/g, (_whole, char: string) => escapes[char] ?? char);
}

function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}
