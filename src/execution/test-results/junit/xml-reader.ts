// Well-formed XML as a stream of events, in flat memory: sax, with what it leaves to its user.
import sax from 'sax';
import { letterOf, legalXml } from './xml-text.js';

export interface XmlEvents {
  /** Names are without their prefixes. */
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  close(): void;
  /** A piece of text, or of a CDATA section; one text may come in several. */
  text(text: string): void;
}

/** One name, attribute or comment may be so long, in characters; longer is an error. Texts may have any length. */
const LONGEST = 8 * 1024 * 1024;
const MAX_NESTING = 200;
/** What is wrong with many reports, and harms nobody: `<case flaky>` and `a & b`. */
const TOLERATED = /^(Attribute without value|Invalid character in entity name)/;

// The only way to set it, for all parsers; its types do not know it.
(sax as unknown as { MAX_BUFFER_LENGTH: number }).MAX_BUFFER_LENGTH = LONGEST;

/** Throws an error with line and reason where the text is not well-formed. A file may declare no entities. */
export class XmlReader {
  private readonly parser = sax.parser(true, { trim: false, normalize: false });
  /**
   * What the attributes of every element inherit. sax asks whether one is there already, and would leave out the second
   * one without a word. One for all: with an object each, reading takes half as long again.
   */
  private readonly attributes: object;
  private depth = 0;
  private blank = true;
  private hadRoot = false;

  constructor(private readonly events: XmlEvents) {
    const { parser } = this;
    const fail = (name: string): never => this.fail(`the attribute ${name} is there twice`);
    this.attributes = {
      hasOwnProperty(name: string): boolean {
        return Object.hasOwn(this, name) && fail(name);
      },
    };
    // Looked up for every entity, so that each has its letter here and none is an error.
    (parser as unknown as { ENTITIES: object }).ENTITIES = new Proxy(
      {},
      { get: (_, entity: string) => letterOf(entity) || DROPPED },
    );
    parser.onopentagstart = (tag) => {
      tag.attributes = Object.create(this.attributes) as typeof tag.attributes;
    };
    parser.onopentag = (tag) => this.open(tag as sax.Tag);
    parser.onclosetag = () => {
      this.depth -= 1;
      this.events.close();
    };
    // No test runner writes them: they are there to become large, or to read files.
    parser.ondoctype = (text) => {
      if (/<!ENTITY/i.test(text)) this.fail('the document type declares entities, which reports may not');
    };
    parser.ontext = parser.oncdata = (text) => this.events.text(legalXml(text));
    parser.onerror = (error) => {
      const [reason = ''] = error.message.split('\n');
      if (!TOLERATED.test(reason)) this.fail(reason);
      parser.resume();
    };
  }

  write(text: string): void {
    if (this.blank && text.trim() === '') return;
    this.blank = false;
    this.parser.write(text);
    // So that no text is kept longer than the piece it came in.
    (this.parser as unknown as { flush(): void }).flush();
  }

  /** False when there was nothing but white space. */
  end(): boolean {
    if (this.blank) return false;
    this.parser.close();
    if (!this.hadRoot) this.fail('there is no element');
    return true;
  }

  private open({ name, attributes }: sax.Tag): void {
    if (this.depth === 0 && this.hadRoot) this.fail('more than one root element');
    this.hadRoot = true;
    this.depth += 1;
    if (this.depth > MAX_NESTING) this.fail(`elements are nested deeper than ${MAX_NESTING}`);
    const own = Object.entries(attributes).map(([key, value]) => [local(key), legalXml(value)] as const);
    this.events.open(local(name), new Map(own));
  }

  private fail(reason: string): never {
    throw new Error(`line ${this.parser.line + 1}: ${reason}`);
  }
}

/** A character that is not legal, and so goes later: sax takes an empty text for no entity at all. */
const DROPPED = '\0';

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
