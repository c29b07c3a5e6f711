// From the bytes of an XML file to text that a parser accepts, and from XML's escapes to letters.

// Characters that XML 1.0 does not allow: test output is full of terminal colours.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const ILLEGAL = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * The text of an XML file: by its byte order mark, else by the encoding it declares, else UTF-8. Bytes that are wrong in
 * the encoding become U+FFFD, and characters that XML does not allow are left out.
 */
export function decodeXml(bytes: Buffer): string {
  return decoderOf(bytes).decode(bytes).replace(ILLEGAL, '');
}

/** Text with XML's own five escapes and numeric ones replaced. Others stay: entities that a file defines are not used. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi,
    (whole, hex, decimal, name: string | undefined) => {
      if (name !== undefined) return Object.hasOwn(NAMED, name) ? NAMED[name]! : whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
      return String.fromCodePoint(code).replace(ILLEGAL, '');
    },
  );
}

function decoderOf(bytes: Buffer): InstanceType<typeof TextDecoder> {
  // The decoder takes away the byte order mark of its encoding.
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return new TextDecoder();
  if (bytes[0] === 0x3c && bytes[1] === 0) return new TextDecoder('utf-16le');
  if (bytes[0] === 0 && bytes[1] === 0x3c) return new TextDecoder('utf-16be');
  const declared = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(
    bytes.toString('latin1', 0, 200),
  )?.[1];
  // One byte each up to here, so a declared UTF-16 is not true.
  if (declared === undefined || /^utf-?16/i.test(declared)) return new TextDecoder();
  try {
    return new TextDecoder(declared);
  } catch {
    return new TextDecoder();
  }
}
