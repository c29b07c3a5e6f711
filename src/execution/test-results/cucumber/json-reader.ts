// JSON as a stream of events, in flat memory: long texts are cut, nothing is kept but the names of what is open.

export interface JsonEvents {
  open(kind: '{' | '['): void;
  close(): void;
  /** The key of the value that follows. */
  key(name: string): void;
  /** Texts are cut after `LONGEST` characters. */
  value(value: string | number | boolean | null): void;
}

/** Characters of a text that are kept. What is longer is an embedded picture. */
export const LONGEST = 64 * 1024;
const MAX_NESTING = 200;
const MAX_WORD = 64;
const PLAIN = /[^"\\]*/y;
const WORD = /[-+.\w]*/y;
const BLANK = /[ \t\r\n]*/y;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i;
const ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-f]{4})/i;
const LETTERS: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** What may come next. `first`: behind an opening bracket, where the closing one may come as well. */
type Place = 'value' | 'first value' | 'key' | 'first key' | ':' | ', or end' | 'end';

/** Throws an error with line and reason where the text is not one JSON value. Line ends in texts are let pass. */
export class JsonReader {
  private readonly nesting: ('{' | '[')[] = [];
  private place: Place = 'value';
  private text: string | undefined;
  private word = '';
  /** The beginning of an escape whose end is in the next piece. */
  private carry = '';
  /** The piece that is being read, how far it is read, and the line where it begins. */
  private piece = '';
  private at = 0;
  private line = 1;

  constructor(private readonly events: JsonEvents) {}

  write(more: string): void {
    const text = this.carry + more;
    this.carry = '';
    this.piece = text;
    this.at = 0;
    while (this.at < text.length) {
      if (this.text !== undefined) this.at = this.inText(text, this.at);
      else if (this.word !== '') this.at = this.inWord(text, this.at);
      else this.at = this.between(text, this.at);
    }
    this.line += linesIn(text, text.length - this.carry.length);
    this.piece = '';
  }

  end(): void {
    if (this.word !== '') this.endWord();
    if (this.text !== undefined || this.place !== 'end') this.fail('it ends too early');
  }

  private between(text: string, from: number): number {
    const at = matchEnd(BLANK, text, from);
    if (at > from) return at;
    const letter = text[at]!;
    const { place } = this;
    if (letter === '"' && place !== ':' && place !== ', or end' && place !== 'end') {
      this.text = '';
    } else if ((letter === '{' || letter === '[') && (place === 'value' || place === 'first value')) {
      if (this.nesting.length >= MAX_NESTING) this.fail(`it is nested deeper than ${MAX_NESTING}`);
      this.nesting.push(letter);
      this.place = letter === '{' ? 'first key' : 'first value';
      this.events.open(letter);
    } else if (letter === ':' && place === ':') {
      this.place = 'value';
    } else if (letter === ',' && place === ', or end') {
      this.place = this.nesting.at(-1) === '{' ? 'key' : 'value';
    } else if (
      (letter === '}' && this.nesting.at(-1) === '{' && (place === 'first key' || place === ', or end')) ||
      (letter === ']' && this.nesting.at(-1) === '[' && (place === 'first value' || place === ', or end'))
    ) {
      this.nesting.pop();
      this.ended();
      this.events.close();
    } else if (/[-\w]/.test(letter) && (place === 'value' || place === 'first value')) {
      this.word = letter;
    } else {
      this.fail(`unexpected ${JSON.stringify(letter)}`);
    }
    return at + 1;
  }

  private inText(text: string, from: number): number {
    const at = matchEnd(PLAIN, text, from);
    this.add(text.slice(from, at));
    if (at >= text.length) return at;
    if (text[at] === '"') {
      this.endText();
      return at + 1;
    }
    const escape = ESCAPE.exec(text.slice(at, at + 6))?.[0];
    if (escape !== undefined) {
      const letter = escape[1]!;
      this.add(
        letter === 'u'
          ? String.fromCharCode(Number.parseInt(escape.slice(2), 16))
          : (LETTERS[letter] ?? letter),
      );
      return at + escape.length;
    }
    if (text.length - at >= 6) this.fail(`wrong escape ${JSON.stringify(text.slice(at, at + 2))}`);
    this.carry = text.slice(at);
    return text.length;
  }

  private add(more: string): void {
    const { text = '' } = this;
    if (text.length < LONGEST) this.text = text + more.slice(0, LONGEST - text.length);
  }

  private endText(): void {
    const text = this.text!.toWellFormed();
    this.text = undefined;
    if (this.place === 'key' || this.place === 'first key') {
      this.place = ':';
      this.events.key(text);
    } else {
      this.ended();
      this.events.value(text);
    }
  }

  private inWord(text: string, from: number): number {
    const at = matchEnd(WORD, text, from);
    this.word += text.slice(from, Math.min(at, from + MAX_WORD));
    if (this.word.length > MAX_WORD) this.fail(`unexpected ${JSON.stringify(this.word.slice(0, MAX_WORD))}`);
    if (at < text.length) this.endWord();
    return at;
  }

  private endWord(): void {
    const { word } = this;
    this.word = '';
    this.ended();
    if (word === 'true' || word === 'false') this.events.value(word === 'true');
    else if (word === 'null') this.events.value(null);
    else if (NUMBER.test(word)) this.events.value(Number(word));
    else this.fail(`unexpected ${JSON.stringify(word)}`);
  }

  /** A value has ended. */
  private ended(): void {
    this.place = this.nesting.length === 0 ? 'end' : ', or end';
  }

  private fail(reason: string): never {
    throw new Error(`line ${this.line + linesIn(this.piece, this.at)}: ${reason}`);
  }
}

function matchEnd(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.exec(text);
  return pattern.lastIndex;
}

function linesIn(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
