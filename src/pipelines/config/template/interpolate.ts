// Text of a value inside other text.
import { toPlain, type ConfigNode } from '../yaml/node.js';
import { floatText } from '../yaml/render.js';

/** Null is `<nil>`, booleans are `true` and `false` (LANGUAGE C-044, C-157). */
export function interpolate(node: ConfigNode): string {
  if (node.kind !== 'scalar') return JSON.stringify(toPlain(node));
  if (node.value === null) return '<nil>';
  return typeof node.value === 'number' && node.isFloat ? floatText(node.value) : String(node.value);
}
