// The reading head over a regular expression, by code points, and the flags in force where it stands.
import { RegexError } from './regex-error.js';

export interface Flags {
  /** `(?i)`, of ASCII only unless `u` is set too. */
  i: boolean;
  m: boolean;
  s: boolean;
  u: boolean;
  /** Blanks and comments are no part of the expression. */
  x: boolean;
  /** Only a line feed ends a line. */
  d: boolean;
}

export const NO_FLAGS: Flags = { i: false, m: false, s: false, u: false, x: false, d: false };

export class Reader {
  at = 0;
  flags: Flags = NO_FLAGS;
  /** Characters and classes read so far, as often as they are repeated. */
  size = 0;
  /** Inside `\Q`, where everything stands for itself. */
  private quoted = false;

  constructor(readonly pattern: string) {}

  get ended(): boolean {
    this.skipIgnored();
    return this.at >= this.pattern.length;
  }

  /** True when the expression goes on with `text`, which stands for something. */
  sees(text: string): boolean {
    this.skipIgnored();
    return !this.quoted && this.pattern.startsWith(text, this.at);
  }

  take(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Takes what matches `rule` at the reading head; `rule` is sticky. */
  match(rule: RegExp): RegExpExecArray | undefined {
    if (this.quoted) return undefined;
    rule.lastIndex = this.at;
    const found = rule.exec(this.pattern);
    if (!found) return undefined;
    this.at += found[0].length;
    return found;
  }

  /** The next character as it stands. */
  next(): number {
    this.skipIgnored();
    const code = this.pattern.codePointAt(this.at);
    if (code === undefined) throw new RegexError('unexpected end of the expression');
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  /** True inside `\Q..\E`, whose marks are taken here. */
  get isQuoted(): boolean {
    this.skipIgnored();
    return this.quoted;
  }

  private skipIgnored(): void {
    for (;;) {
      if (!this.quoted && this.pattern.startsWith('\\Q', this.at))
        [this.quoted, this.at] = [true, this.at + 2];
      else if (this.quoted && this.pattern.startsWith('\\E', this.at))
        [this.quoted, this.at] = [false, this.at + 2];
      else if (this.quoted || !this.flags.x || !this.skipComment()) return;
    }
  }

  private skipComment(): boolean {
    const rule = /[ \t-\r]+|#[^\n\r\u0085\u2028\u2029]*/y;
    rule.lastIndex = this.at;
    const length = rule.exec(this.pattern)?.[0].length ?? 0;
    this.at += length;
    return length > 0;
  }
}
