// Splits YAML text into tokens by the rules of YAML 1.1 as SnakeYAML applies them, to find out what is wrong with a text
// that could not be parsed. What the scalars say does not matter here, only where they end.
import { scanBlockScalar, scanName, scanPlain, scanQuoted } from './scan-scalars.js';
import { Text } from './text.js';
import { YamlSyntaxError } from './syntax-error.js';
import type { Token, TokenId } from './tokens.js';

/** A scalar that is a key if a `:` follows. */
interface PossibleKey {
  token: number;
  required: boolean;
  at: number;
  line: number;
  column: number;
}

/** A key may be no longer than this. */
const LONGEST_KEY = 1024;

export class Scanner {
  readonly text: Text;
  flowLevel = 0;
  indent = -1;
  allowKey = true;
  private readonly tokens: Token[] = [{ id: '<stream start>', at: 0 }];
  private taken = 0;
  private done = false;
  private readonly indents: number[] = [];
  private readonly keys = new Map<number, PossibleKey>();

  constructor(source: string) {
    this.text = new Text(source);
  }

  /** The next token without taking it. */
  peek(): Token {
    while (this.needsMore()) this.fetch();
    return this.tokens[0]!;
  }

  next(): Token {
    const token = this.peek();
    this.tokens.shift();
    this.taken += 1;
    return token;
  }

  is(...ids: TokenId[]): boolean {
    return ids.includes(this.peek().id);
  }

  private needsMore(): boolean {
    if (this.done) return false;
    if (this.tokens.length === 0) return true;
    // The first token may turn out to stand behind the beginning of a mapping.
    this.dropStaleKeys();
    return [...this.keys.values()].some((key) => key.token === this.taken);
  }

  private fetch(): void {
    const { text } = this;
    this.skipToNext();
    this.dropStaleKeys();
    this.unwind(text.column);
    const char = text.peek();
    const followed = text.isBlank(1);
    const inFlow = this.flowLevel > 0;
    if (char === '\0') return this.fetchEnd();
    if (char === '%' && text.column === 0) return this.fetchDirective();
    if (text.isDocumentMark()) return this.fetchDocumentMark(char === '-');
    if (char === '[' || char === '{') return this.fetchFlowStart(char);
    if (char === ']' || char === '}') return this.fetchFlowEnd(char);
    if (char === ',') return this.fetchFlowEntry();
    if (char === '-' && followed) return this.fetchBlockEntry();
    if (char === '?' && (inFlow || followed)) return this.fetchKey();
    if (char === ':' && (inFlow || followed)) return this.fetchValue();
    if (char === '*' || char === '&') return this.fetchName(char);
    if (char === '!') return this.fetchScalar('<tag>', () => text.skipWhile((c) => !/[\0\s]/.test(c)));
    if ((char === '|' || char === '>') && !inFlow) return this.fetchBlockScalar();
    if (char === "'" || char === '"') return this.fetchScalar('<scalar>', () => scanQuoted(text, char));
    if (this.startsPlain(char)) return this.fetchScalar('<scalar>', () => scanPlain(this));
    const shown = char === '\t' ? '\\t(TAB)' : char;
    throw new YamlSyntaxError(
      { text: 'while scanning for the next token' },
      `found character '${shown}' that cannot start any token. (Do not use ${shown} for indentation)`,
      text.at,
    );
  }

  private startsPlain(char: string): boolean {
    if (!/[\0\s\-?:,[\]{}#&*!|>'"%@`]/.test(char)) return true;
    return !this.text.isBlank(1) && (char === '-' || (this.flowLevel === 0 && /[?:]/.test(char)));
  }

  private skipToNext(): void {
    const { text } = this;
    if (text.at === 0 && text.peek() === '\ufeff') text.forward(1);
    do {
      text.skipWhile((c) => c === ' ');
      if (text.peek() === '#') text.skipWhile((c) => c !== '\0' && !text.breaksAt(c));
      if (!text.skipBreak()) return;
      if (this.flowLevel === 0) this.allowKey = true;
    } while (text.peek() !== '\0');
  }

  private push(id: TokenId, at = this.text.at): void {
    this.tokens.push({ id, at });
  }

  private dropStaleKeys(): void {
    for (const [level, key] of this.keys) {
      if (key.line === this.text.line && this.text.at - key.at <= LONGEST_KEY) continue;
      this.keys.delete(level);
      if (key.required) this.noColon(key);
    }
  }

  private noColon({ at }: PossibleKey): never {
    throw new YamlSyntaxError(
      { text: 'while scanning a simple key', at },
      "could not find expected ':'",
      this.text.at,
    );
  }

  private saveKey(): void {
    if (!this.allowKey) return;
    this.removeKey();
    const { at, line, column } = this.text;
    const required = this.flowLevel === 0 && this.indent === column;
    this.keys.set(this.flowLevel, { token: this.taken + this.tokens.length, required, at, line, column });
  }

  private removeKey(): void {
    const key = this.keys.get(this.flowLevel);
    this.keys.delete(this.flowLevel);
    if (key?.required) this.noColon(key);
  }

  private unwind(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.indent = this.indents.pop() ?? -1;
      this.push('<block end>');
    }
  }

  private addIndent(column: number): boolean {
    if (this.indent >= column) return false;
    this.indents.push(this.indent);
    this.indent = column;
    return true;
  }

  private fetchEnd(): void {
    this.unwind(-1);
    this.removeKey();
    this.keys.clear();
    this.push('<stream end>');
    this.done = true;
  }

  private fetchDirective(): void {
    this.unwind(-1);
    this.removeKey();
    this.allowKey = false;
    this.push('<directive>');
    this.text.skipWhile((c) => !this.text.breaksAt(c));
    this.text.skipBreak();
  }

  private fetchDocumentMark(isStart: boolean): void {
    this.unwind(-1);
    this.removeKey();
    this.allowKey = false;
    this.push(isStart ? '<document start>' : '<document end>');
    this.text.forward(3);
  }

  private fetchFlowStart(char: '[' | '{'): void {
    this.saveKey();
    this.flowLevel += 1;
    this.allowKey = true;
    this.push(char);
    this.text.forward(1);
  }

  private fetchFlowEnd(char: ']' | '}'): void {
    this.removeKey();
    this.flowLevel = Math.max(0, this.flowLevel - 1);
    this.allowKey = false;
    this.push(char);
    this.text.forward(1);
  }

  private fetchFlowEntry(): void {
    this.allowKey = true;
    this.removeKey();
    this.push(',');
    this.text.forward(1);
  }

  private fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.allowKey) throw this.notAllowed('sequence entries');
      if (this.addIndent(this.text.column)) this.push('<block sequence start>');
    }
    this.allowKey = true;
    this.removeKey();
    this.push('-');
    this.text.forward(1);
  }

  private fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.allowKey) throw this.notAllowed('mapping keys');
      if (this.addIndent(this.text.column)) this.push('<block mapping start>');
    }
    this.allowKey = this.flowLevel === 0;
    this.removeKey();
    this.push('?');
    this.text.forward(1);
  }

  private fetchValue(): void {
    const key = this.keys.get(this.flowLevel);
    if (key) {
      this.keys.delete(this.flowLevel);
      const at = key.token - this.taken;
      this.tokens.splice(at, 0, { id: '?', at: key.at });
      if (this.flowLevel === 0 && this.addIndent(key.column)) {
        this.tokens.splice(at, 0, { id: '<block mapping start>', at: key.at });
      }
      this.allowKey = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.allowKey) throw this.notAllowed('mapping values');
        if (this.addIndent(this.text.column)) this.push('<block mapping start>');
      }
      this.allowKey = this.flowLevel === 0;
      this.removeKey();
    }
    this.push(':');
    this.text.forward(1);
  }

  private notAllowed(what: string): YamlSyntaxError {
    return new YamlSyntaxError(undefined, `${what} are not allowed here`, this.text.at);
  }

  private fetchName(char: '*' | '&'): void {
    this.saveKey();
    this.allowKey = false;
    const at = this.text.at;
    const name = scanName(this.text, char === '*' ? 'alias' : 'anchor');
    this.tokens.push({ id: char === '*' ? '<alias>' : '<anchor>', at, end: this.text.at, name });
  }

  private fetchScalar(id: TokenId, scan: () => void): void {
    this.saveKey();
    this.allowKey = false;
    this.push(id);
    const token = this.tokens[this.tokens.length - 1]!;
    scan();
    token.end = this.text.at;
  }

  private fetchBlockScalar(): void {
    this.allowKey = true;
    this.removeKey();
    this.push('<scalar>');
    scanBlockScalar(this.text, this.indent);
  }
}
