// From the bytes of a report, piece by piece, to text that a parser accepts.

// Characters that XML 1.0 does not allow: test output is full of terminal colours.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const ILLEGAL = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
/** An XML declaration stands within so many bytes. */
const DECLARATION_BYTES = 200;

/** Text without the characters that XML does not allow. JSON allows none of them unescaped, either. */
export function withoutIllegal(text: string): string {
  return text.replace(ILLEGAL, '');
}

/** The same text in memory of its own: as a part of a piece of the report it would keep all of the piece in memory. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/**
 * The text of an XML or JSON file: by its byte order mark, else by the encoding that XML declares, else UTF-8. Bytes that
 * are wrong in the encoding become U+FFFD, and characters that XML does not allow are left out.
 */
export class ReportDecoder {
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
    return withoutIllegal(this.decoder!.decode(bytes, { stream }));
  }
}

function decoderOf(bytes: Buffer): InstanceType<typeof TextDecoder> {
  // The decoder takes away the byte order mark of its encoding.
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return new TextDecoder();
  // Both formats begin with an ASCII character.
  if (bytes[0] !== 0 && bytes[1] === 0) return new TextDecoder('utf-16le');
  if (bytes[0] === 0 && bytes[1] !== 0 && bytes[1] !== undefined) return new TextDecoder('utf-16be');
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
