// From XML's escapes to letters.
import { withoutIllegal } from '../report-text.js';

const NAMED = new Map(Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }));

/** Text without the characters that XML does not allow, and without halves of surrogate pairs. */
export function legalXml(text: string): string {
  return withoutIllegal(text).toWellFormed();
}

/**
 * What an escape stands for, e.g. `lt` or `#x2F`. Other entities stay as they are written: those that a file defines are
 * not used. Numbers of characters that XML does not allow are empty, of what is no character U+FFFD.
 */
export function letterOf(entity: string): string {
  const [, hex, decimal] = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(entity) ?? [];
  if (hex === undefined && decimal === undefined) return NAMED.get(entity.toLowerCase()) ?? `&${entity};`;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  return withoutIllegal(String.fromCodePoint(code));
}
