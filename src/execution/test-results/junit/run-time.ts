// Reads the `time` of test cases, which tools write in the style of the machine's language.

/**
 * Seconds. `1,234.5` and `1.234,5` are 1234.5: of two kinds of separators the last one is the decimal point. A comma alone
 * groups thousands when three digits follow each (`1,234`), unless a 0 stands before it (`0,123`); else it is the decimal
 * point. What is not a time is 0.
 */
export function parseRunTime(text: string | undefined): number {
  const [, digits] = /^\s*([+-]?[\d.,]+(?:e[+-]?\d+)?)\s*s?\s*$/i.exec(text ?? '') ?? [];
  if (digits === undefined || digits.length > 40) return 0;
  const seconds = Number(withPoint(digits));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

function withPoint(digits: string): string {
  const comma = digits.lastIndexOf(',');
  if (comma < 0) return digits;
  const point = digits.lastIndexOf('.');
  if (point > comma) return digits.replaceAll(',', '');
  if (point >= 0) return digits.replaceAll('.', '').replace(',', '.');
  if (/^[1-9]\d{0,2}(,\d{3})+$/.test(digits)) return digits.replaceAll(',', '');
  return digits.replace(',', '.');
}
