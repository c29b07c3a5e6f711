// Cuts the text of `circleci env subst` into tokens, as the engine of the original does (AGENT A-011): a nested `${A:-${B}}`
// and a lone `${_}` have the odd meaning here that they have there.

export type Operator = ':-' | ':=' | ':+' | '-' | '=' | '+';
export type Token =
  { type: 'text' | 'variable' | 'open' | 'close'; value: string } | { type: 'operator'; value: Operator };

const NAME = /[_\p{L}\p{Nd}]*/uy;
const NAME_CHARACTER = /[_\p{L}\p{Nd}]/u;
const OPERATOR = /:[-=+]|[-=+]/y;

/** A brace that is not closed on its line. */
export class UnclosedBraceError extends Error {
  constructor() {
    super('closing brace expected');
    this.name = 'UnclosedBraceError';
  }
}

/**
 * The tokens of a text, in order; their values joined are the text, but for each `$$`, which is one `$`.
 * @throws UnclosedBraceError
 */
export function lex(text: string): Token[] {
  return new Lexer(text).tokens();
}

type State = 'text' | 'operator' | 'inside' | 'end';

class Lexer {
  private readonly found: Token[] = [];
  /** Where the next character is, where the token that is being read begins, and where the one before it began. */
  private at = 0;
  private start = 0;
  private last = 0;
  private open = 0;

  constructor(private readonly text: string) {}

  tokens(): Token[] {
    for (let state: State = 'text'; state !== 'end';) {
      if (state === 'text') state = this.plain();
      else state = state === 'operator' ? this.afterName() : this.inside();
    }
    return this.found;
  }

  private plain(): State {
    for (;;) {
      const dollar = this.text.indexOf('$', this.at);
      this.at = dollar < 0 ? this.text.length : dollar;
      if (dollar < 0) {
        this.emitText();
        return 'end';
      }
      const next = this.characterAt(dollar + 1);
      if (next === '$') {
        this.emitText();
        this.start = dollar + 1;
        this.at = dollar + 2;
        this.emitText();
      } else if (next === '{') {
        this.emitText();
        this.at = dollar + 2;
        this.open++;
        this.emit('open');
        return 'operator';
      } else if (NAME_CHARACTER.test(next)) {
        this.emitText();
        this.at = dollar + 1;
        return this.name();
      } else this.at = dollar + 1;
    }
  }

  /** After `${`, or after a name in braces. */
  private afterName(): State {
    const character = this.next();
    if (character === '}') return this.close();
    if (NAME_CHARACTER.test(character) && this.followsOpening()) return this.name();
    this.at -= character.length;
    OPERATOR.lastIndex = this.at;
    const [operator] = OPERATOR.exec(this.text) ?? [];
    if (operator !== undefined) {
      this.at += operator.length;
      this.found.push({ type: 'operator', value: operator as Operator });
      this.last = this.start;
      this.start = this.at;
    } else {
      // Any other character, and with a colon the one after it, becomes a part of what follows.
      this.at += character.length;
      if (character === ':') this.at += this.characterAt(this.at).length;
    }
    return 'inside';
  }

  private inside(): State {
    const character = this.next();
    if (character === '}') return this.close();
    if (character === '$' || (NAME_CHARACTER.test(character) && this.followsOpening())) return this.name();
    this.emit('text');
    return 'inside';
  }

  private name(): State {
    NAME.lastIndex = this.at;
    this.at += NAME.exec(this.text)?.[0].length ?? 0;
    const value = this.text.slice(this.start, this.at);
    if (value === '_' || value === '$_') return 'text';
    this.emit('variable');
    return this.open > 0 ? 'operator' : 'text';
  }

  private close(): State {
    this.open--;
    this.emit('close');
    return 'text';
  }

  /** The next character inside of braces. */
  private next(): string {
    const character = this.characterAt(this.at);
    if (character === '' || character === '\n' || character === '\r') throw new UnclosedBraceError();
    this.at += character.length;
    return character;
  }

  private characterAt(index: number): string {
    const code = this.text.codePointAt(index);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  private followsOpening(): boolean {
    return this.text.startsWith('${', this.last);
  }

  private emitText(): void {
    if (this.at > this.start) this.emit('text');
  }

  private emit(type: Exclude<Token['type'], 'operator'>): void {
    this.found.push({ type, value: this.text.slice(this.start, this.at) });
    this.last = this.start;
    this.start = this.at;
  }
}
