// The blocks of a tar as bytes: what their fields say, and how a header is written anew with other names.
//
// Names are kept as latin1 text, one character per byte, because files may have names that are not UTF-8: whatever is
// not changed stays as it was. `nameOf` and `bytesOf` translate.

export const BLOCK = 512;
/** Of the bytes in a block's checksum field when the sum is made: spaces. */
const SUM_AT = 148;
const SUM_END = 156;
const SHORT_NAME = 100;
/** The `magic` of POSIX archives, whose headers have a prefix; GNU's have other things in its place. */
const POSIX = 'ustar\0';

export interface TarHeader {
  /** As bytes, one per character. Directories end in `/` in most archives. */
  name: string;
  /** The type flag: `0` a file, `1` a hard link, `2` a symbolic link, `5` a directory; x, g, L and K describe the next. */
  type: string;
  /** Bytes of content that follow. */
  size: number;
  /** Of links: where to. */
  linkname: string;
}

/** Thrown for bytes that are no tar, and for archives that must not be unpacked. */
export class TarError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TarError';
  }
}

/** One character per byte, from a text. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** A text for people. */
export function nameOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}

/** Reads a header; undefined for the block of zeros at the end. Throws TarError when the sum is wrong. */
export function readHeader(block: Buffer): TarHeader | undefined {
  const sum = sumOf(block);
  // Eight spaces in the place of the sum of nothing but zeros.
  if (sum === (SUM_END - SUM_AT) * 32 && block[0] === 0) return undefined;
  if (Number.parseInt(field(block, SUM_AT, 8).trim(), 8) !== sum)
    throw new TarError('the archive is damaged');
  const type = block[SUM_END] === 0 ? '0' : String.fromCharCode(block[SUM_END]!);
  const short = field(block, 0, SHORT_NAME);
  const prefix = block.toString('latin1', 257, 263) === POSIX ? field(block, 345, 155) : '';
  return {
    name: prefix === '' ? short : `${prefix}/${short}`,
    type,
    size: numberAt(block, 124, 12),
    linkname: field(block, 157, SHORT_NAME),
  };
}

/** The same header with these names, as blocks: names that are too long for it come before it, in the way of GNU tar. */
export function withNames(block: Buffer, { name, linkname }: { name: string; linkname: string }): Buffer {
  const header = Buffer.from(block);
  header.fill(0, 0, SHORT_NAME);
  header.write(name, 0, SHORT_NAME, 'latin1');
  header.fill(0, 157, 257);
  header.write(linkname, 157, SHORT_NAME, 'latin1');
  if (header.toString('latin1', 257, 263) === POSIX) header.fill(0, 345, 500);
  seal(header);
  return Buffer.concat([
    ...(linkname.length > SHORT_NAME ? [longName('K', linkname)] : []),
    ...(name.length > SHORT_NAME ? [longName('L', name)] : []),
    header,
  ]);
}

/** The records of an extended header. Throws TarError when they are not in its form. */
export function readRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length && content[at] !== 0;) {
    const space = content.indexOf(32, at);
    const length = space < 0 ? Number.NaN : Number(content.toString('latin1', at, space));
    const end = at + length;
    const equals = content.indexOf(61, space);
    if (!(length > 0) || end > content.length || equals < 0 || equals >= end)
      throw new TarError('the archive has a broken extended header');
    records.set(
      content.toString('latin1', space + 1, equals),
      content.toString('latin1', equals + 1, end - 1),
    );
    at = end;
  }
  return records;
}

/** An extended header with these records, as blocks. */
export function writeRecords(records: ReadonlyMap<string, string>): Buffer {
  let text = '';
  for (const [key, value] of records) {
    const rest = ` ${key}=${value}\n`;
    // The length counts its own digits.
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
    text += `${length}${rest}`;
  }
  return described('x', 'PaxHeader', Buffer.from(text, 'latin1'));
}

/** Bytes up to the next whole block. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function longName(type: 'L' | 'K', name: string): Buffer {
  return described(type, '././@LongLink', Buffer.from(`${name}\0`, 'latin1'));
}

function described(type: string, name: string, content: Buffer): Buffer {
  const all = Buffer.alloc(BLOCK + padded(content.length));
  all.write(name, 0, 'latin1');
  all.write('0000644\0', 100, 'latin1');
  for (const at of [108, 116]) all.write('0000000\0', at, 'latin1');
  all.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  all.write('00000000000\0', 136, 'latin1');
  all.write(type, SUM_END, 'latin1');
  all.write(type === 'x' ? 'ustar\x0000' : 'ustar  \0', 257, 'latin1');
  seal(all.subarray(0, BLOCK));
  content.copy(all, BLOCK);
  return all;
}

function seal(block: Buffer): void {
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, SUM_AT, 'latin1');
}

function sumOf(block: Buffer): number {
  let sum = (SUM_END - SUM_AT) * 32;
  for (let i = 0; i < SUM_AT; i++) sum += block[i]!;
  for (let i = SUM_END; i < BLOCK; i++) sum += block[i]!;
  return sum;
}

function field(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString('latin1', at, end < 0 || end > at + length ? at + length : end);
}

/** Octal digits; or, with the first bit set, a number in bytes. */
function numberAt(block: Buffer, at: number, length: number): number {
  if ((block[at]! & 0x80) === 0) return Number.parseInt(field(block, at, length).trim() || '0', 8);
  return Number(block.readBigUInt64BE(at + length - 8));
}
