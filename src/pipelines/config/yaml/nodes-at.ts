// Nodes by JSON pointer.
import type { ConfigNode } from './node.js';

/** The nodes on the way of a JSON pointer such as `#/jobs/build/steps/0`, as far as they exist, root first. */
export function nodesAt(root: ConfigNode, pointer: string): ConfigNode[] {
  const found = [root];
  for (const part of pointer.split('/').slice(1)) {
    const node = found[found.length - 1]!;
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const next =
      node.kind === 'mapping'
        ? node.entries.get(name)
        : node.kind === 'sequence'
          ? node.items[Number(name)]
          : undefined;
    if (!next) break;
    found.push(next);
  }
  return found;
}
