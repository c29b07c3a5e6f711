// From the bytes of an XML file, piece by piece, to text that a parser accepts, and from XML's escapes to letters.

// Characters that XML 1.0 does not allow: test output is full of terminal colours.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const ILLEGAL = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
/** An XML declaration stands within so many bytes. */
const DECLARATION_BYTES = 200;

/** Text without the characters that XML does not allow, and without halves of surrogate pairs. */
export function legalXml(text: string): string {
  return text.replace(ILLEGAL, '').toWellFormed();
}

/**
 * The text of an XML file: by its byte order mark, else by the encoding it declares, else UTF-8. Bytes that are wrong in
 * the encoding become U+FFFD, and characters that XML does not allow are left out.
 */
export class XmlDecoder {
  private decoder: InstanceType<typeof TextDecoder> | undefined;
  private first: Buffer = Buffer.alloc(0);

  /** The text that is certain by now: the end of `bytes` may be the beginning of a character. */
  write(bytes: Buffer): string {
    if (this.decoder) return this.decode(bytes, true);
    this.first = Buffer.concat([this.first, bytes]);
    if (this.first.length < DECLARATION_BYTES) return '';
    return this.begin(true);
  }

  end(): string {
    return this.decoder ? this.decode(Buffer.alloc(0), false) : this.begin(false);
  }

  private begin(stream: boolean): string {
    this.decoder = decoderOf(this.first);
    const { first } = this;
    this.first = Buffer.alloc(0);
    return this.decode(first, stream);
  }

  private decode(bytes: Buffer, stream: boolean): string {
    return this.decoder!.decode(bytes, { stream }).replace(ILLEGAL, '');
  }
}

/**
 * What an escape stands for, e.g. `lt` or `#x2F`. Other entities stay as they are written: those that a file defines are
 * not used. Numbers of characters that XML does not allow are empty, of what is no character U+FFFD.
 */
export function letterOf(entity: string): string {
  const [, hex, decimal] = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(entity) ?? [];
  if (hex === undefined && decimal === undefined) return NAMED[entity.toLowerCase()] ?? `&${entity};`;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  return String.fromCodePoint(code).replace(ILLEGAL, '');
}

function decoderOf(bytes: Buffer): InstanceType<typeof TextDecoder> {
  // The decoder takes away the byte order mark of its encoding.
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return new TextDecoder();
  if (bytes[0] === 0x3c && bytes[1] === 0) return new TextDecoder('utf-16le');
  if (bytes[0] === 0 && bytes[1] === 0x3c) return new TextDecoder('utf-16be');
  const declared = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(
    bytes.toString('latin1', 0, DECLARATION_BYTES),
  )?.[1];
  // One byte each up to here, so a declared UTF-16 is not true.
  if (declared === undefined || /^utf-?16/i.test(declared)) return new TextDecoder();
  try {
    return new TextDecoder(declared);
  } catch {
    return new TextDecoder();
  }
}
