// The text being scanned, with the place of the reading head.

/** Line breaks of YAML 1.1. A carriage return before a line feed belongs to it. */
const BREAKS = '\r\n\u0085\u2028\u2029';

export class Text {
  /** Offset of the next character. */
  at = 0;
  /** Of the next character, from 0. */
  line = 0;
  /** Of the next character, from 0, in code units. */
  column = 0;

  constructor(readonly source: string) {}

  /** The character `ahead` of the next one; `\0` behind the end. */
  peek(ahead = 0): string {
    return this.source[this.at + ahead] ?? '\0';
  }

  breaksAt(char: string): boolean {
    return BREAKS.includes(char);
  }

  /** Blank, line break or end. */
  isBlank(ahead: number): boolean {
    const char = this.peek(ahead);
    return char === '\0' || char === ' ' || char === '\t' || this.breaksAt(char);
  }

  /** `---` or `...` alone at the start of a line. */
  isDocumentMark(): boolean {
    const mark = this.source.slice(this.at, this.at + 3);
    return this.column === 0 && (mark === '---' || mark === '...') && this.isBlank(3);
  }

  /** Within a line. */
  forward(count: number): void {
    this.at += count;
    this.column += count;
  }

  skipWhile(holds: (char: string) => boolean): number {
    const from = this.at;
    while (this.at < this.source.length && holds(this.peek())) this.forward(1);
    return this.at - from;
  }

  skipBreak(): boolean {
    const char = this.peek();
    if (this.at >= this.source.length || !this.breaksAt(char)) return false;
    this.at += char === '\r' && this.peek(1) === '\n' ? 2 : 1;
    this.line += 1;
    this.column = 0;
    return true;
  }
}
