// What counts as true (LANGUAGE C-177): all but false, null, 0, NaN, the empty string and an empty list or map.
import type { ConfigNode } from '../yaml/node.js';

export function isTruthy(node: ConfigNode): boolean {
  if (node.kind === 'sequence') return node.items.length > 0;
  if (node.kind === 'mapping') return node.entries.size > 0;
  return Boolean(node.value);
}
