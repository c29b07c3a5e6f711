// Reads the tokens of a YAML text as its grammar has them, up to the first that does not fit.
import { Scanner } from './scanner.js';
import { YamlSyntaxError } from './syntax-error.js';
import type { TokenId } from './tokens.js';

/** Deeper nesting is not followed: the text then has other faults. */
const DEEPEST = 1000;

/** Throws YamlSyntaxError; returns when the text is one document without a fault. */
export function readDocument(source: string): void {
  new Structure(new Scanner(source)).stream();
}

class Structure {
  private readonly anchors = new Set<string>();
  private depth = 0;

  constructor(private readonly scanner: Scanner) {}

  stream(): void {
    const { scanner } = this;
    scanner.next();
    while (scanner.is('<document end>')) scanner.next();
    if (scanner.is('<stream end>')) return;
    const at = scanner.peek().at;
    this.document();
    while (scanner.is('<document end>')) scanner.next();
    if (scanner.is('<stream end>')) return;
    const second = scanner.peek();
    if (second.id !== '<document start>' && second.id !== '<directive>') this.expectedStart();
    throw new YamlSyntaxError(
      { text: 'expected a single document in the stream', at },
      'but found another document',
      second.at,
    );
  }

  private document(): void {
    const { scanner } = this;
    const hasDirectives = scanner.is('<directive>');
    while (scanner.is('<directive>')) scanner.next();
    if (scanner.is('<document start>')) scanner.next();
    else if (hasDirectives) this.expectedStart();
    if (!scanner.is('<directive>', '<document start>', '<document end>', '<stream end>'))
      this.node('block', false);
  }

  private expectedStart(): never {
    const { id, at } = this.scanner.peek();
    throw new YamlSyntaxError(undefined, `expected '<document start>', but found '${id}'`, at);
  }

  private node(kind: 'block' | 'flow', indentless: boolean): void {
    const { scanner } = this;
    const from = scanner.peek().at;
    if (scanner.is('<alias>')) return this.alias();
    let hasProperties = false;
    for (const wanted of this.properties()) {
      if (!scanner.is(wanted)) continue;
      const { name } = scanner.next();
      if (name !== undefined) this.anchors.add(name);
      hasProperties = true;
    }
    const { id, at } = scanner.peek();
    this.depth += 1;
    if (this.depth > DEEPEST) throw new RangeError('nested too deeply');
    if (indentless && id === '-') this.indentlessSequence();
    else if (id === '<scalar>') scanner.next();
    else if (id === '[') this.flowSequence();
    else if (id === '{') this.flowMapping();
    else if (kind === 'block' && id === '<block sequence start>') this.blockSequence();
    else if (kind === 'block' && id === '<block mapping start>') this.blockMapping();
    else if (!hasProperties) {
      const context = { text: `while parsing a ${kind} node`, at: from };
      throw new YamlSyntaxError(context, `expected the node content, but found '${id}'`, at);
    }
    this.depth -= 1;
  }

  /** One anchor and one tag, in either order. */
  private properties(): TokenId[] {
    return this.scanner.is('<tag>') ? ['<tag>', '<anchor>'] : ['<anchor>', '<tag>'];
  }

  private alias(): void {
    const { name = '', at } = this.scanner.next();
    if (!this.anchors.has(name)) throw new YamlSyntaxError(undefined, `found undefined alias ${name}`, at);
  }

  private blockSequence(): void {
    const { scanner } = this;
    const { at } = scanner.next();
    while (scanner.is('-')) {
      scanner.next();
      if (!scanner.is('-', '<block end>')) this.node('block', false);
    }
    this.blockEnd('while parsing a block collection', at);
  }

  private indentlessSequence(): void {
    const { scanner } = this;
    while (scanner.is('-')) {
      scanner.next();
      if (!scanner.is('-', '?', ':', '<block end>')) this.node('block', false);
    }
  }

  private blockMapping(): void {
    const { scanner } = this;
    const { at } = scanner.next();
    while (scanner.is('?')) {
      scanner.next();
      if (!scanner.is('?', ':', '<block end>')) this.node('block', true);
      if (!scanner.is(':')) continue;
      scanner.next();
      if (!scanner.is('?', ':', '<block end>')) this.node('block', true);
    }
    this.blockEnd('while parsing a block mapping', at);
  }

  private blockEnd(text: string, from: number): void {
    const { id, at } = this.scanner.next();
    if (id === '<block end>') return;
    throw new YamlSyntaxError({ text, at: from }, `expected <block end>, but found '${id}'`, at);
  }

  private flowSequence(): void {
    this.flow(']', 'while parsing a flow sequence', () => {
      const { scanner } = this;
      if (!scanner.is('?')) return this.node('flow', false);
      scanner.next();
      if (!scanner.is(':', ',', ']')) this.node('flow', false);
      if (scanner.is(':')) this.flowValue(']');
    });
  }

  private flowMapping(): void {
    this.flow('}', 'while parsing a flow mapping', () => {
      const { scanner } = this;
      if (!scanner.is('?')) return this.node('flow', false);
      scanner.next();
      if (!scanner.is(':', ',', '}')) this.node('flow', false);
      if (scanner.is(':')) this.flowValue('}');
    });
  }

  private flowValue(end: ']' | '}'): void {
    this.scanner.next();
    if (!this.scanner.is(',', end)) this.node('flow', false);
  }

  private flow(end: ']' | '}', text: string, entry: () => void): void {
    const { scanner } = this;
    const from = scanner.next().at;
    for (let first = true; !scanner.is(end); first = false) {
      if (!first) {
        const { id, at } = scanner.peek();
        if (id !== ',') {
          throw new YamlSyntaxError({ text, at: from }, `expected ',' or '${end}', but got ${id}`, at);
        }
        scanner.next();
        if (scanner.is(end)) break;
      }
      entry();
    }
    scanner.next();
  }
}
