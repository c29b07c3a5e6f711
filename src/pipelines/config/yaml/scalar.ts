// Types of plain scalars as YAML 1.1 and SnakeYAML read them (LANGUAGE C-008). Dates stay text.
import type { ScalarValue } from './node.js';

const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER = /^[-+]?(?:0b[01_]+|0[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9_]+(?:[eE][-+]?[0-9]+)?)$/;

export interface ResolvedScalar {
  value: ScalarValue;
  isFloat?: true;
}

/** The typed value of an unquoted scalar without an explicit tag. */
export function resolvePlainScalar(text: string): ResolvedScalar {
  if (NULL.test(text)) return { value: null };
  if (TRUE.test(text)) return { value: true };
  if (FALSE.test(text)) return { value: false };
  if (INTEGER.test(text)) {
    const value = integerOf(text.replaceAll('_', ''));
    return Number.isSafeInteger(value) ? { value } : { value: text };
  }
  if (FLOAT.test(text)) {
    const value = Number(text.replaceAll('_', ''));
    return Number.isFinite(value) ? { value, isFloat: true } : { value: text };
  }
  return { value: text };
}

function integerOf(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (digits.includes(':')) return sign * digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  if (/^0[bx]/.test(digits)) return sign * Number(digits);
  if (digits.length > 1 && digits.startsWith('0')) return sign * Number.parseInt(digits, 8);
  return sign * Number(digits);
}
