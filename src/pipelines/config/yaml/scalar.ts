// Types of plain scalars as YAML 1.1 and SnakeYAML read them (LANGUAGE C-008). Dates stay text.
import type { ScalarValue } from './node.js';

const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER =
  /^[-+]?(?:0b_*[01_]+|0[0-7_]+|0x_*[0-9a-fA-F_]+|0|[1-9][0-9_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/;

/** What is something else than text to other readers of YAML 1.1: dates, infinity, the merge key, the default value. */
const TYPED_ELSEWHERE =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d.*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|<<|=)$/;

const TYPED = [NULL, TRUE, FALSE, INTEGER, FLOAT, TYPED_ELSEWHERE];

/** Words that mean something have at most this many letters; what else is not text begins with a digit, a sign or a point. */
const LONGEST_WORD = 5;
const NINE = '9'.charCodeAt(0);

/** True for most texts, without trying one pattern after another. */
function isSurelyText(text: string): boolean {
  return text.length > LONGEST_WORD && text.charCodeAt(0) > NINE;
}

export interface ResolvedScalar {
  value: ScalarValue;
  isFloat?: true;
}

/** The typed value of an unquoted scalar without an explicit tag. Numbers too large to be exact stay text. */
export function resolvePlainScalar(text: string): ResolvedScalar {
  if (isSurelyText(text)) return { value: text };
  if (NULL.test(text)) return { value: null };
  if (TRUE.test(text)) return { value: true };
  if (FALSE.test(text)) return { value: false };
  if (INTEGER.test(text)) {
    const value = integerOf(text.replaceAll('_', ''));
    return Number.isSafeInteger(value) ? { value } : { value: text };
  }
  if (FLOAT.test(text)) {
    const value = floatOf(text.replaceAll('_', ''));
    return Number.isFinite(value) ? { value, isFloat: true } : { value: text };
  }
  return { value: text };
}

/** True when the text, unquoted, is read as text by every reader of YAML 1.1. */
export function isPlainText(text: string): boolean {
  return isSurelyText(text) || !TYPED.some((typed) => typed.test(text));
}

function integerOf(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (digits.includes(':')) return sign * sexagesimal(digits);
  if (/^0[bx]/.test(digits)) return sign * Number(digits);
  if (digits.length > 1 && digits.startsWith('0')) return sign * Number.parseInt(digits, 8);
  return sign * Number(digits);
}

function floatOf(text: string): number {
  if (!text.includes(':')) return Number(text);
  return (text.startsWith('-') ? -1 : 1) * sexagesimal(text.replace(/^[-+]/, ''));
}

function sexagesimal(digits: string): number {
  return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
