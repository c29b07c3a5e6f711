// Parses texts that come again and again: a published orb never changes, most commits leave the config as it is, and reading a
// text costs as much as all that is done with it.
import type { Budget } from '../problems/limits.js';
import type { ConfigNode } from './node.js';
import { parseYaml } from './parse.js';

interface Parsed {
  file: string | undefined;
  root: ConfigNode;
  /** What it took of the limit on nodes. */
  nodes: number;
  /** The limit on depth that it kept to. */
  depth: number;
}

/** By text, the one that was used longest ago first. Nodes are never changed once they are made, so compilations share them. */
const recent = new Map<string, Parsed>();
/** What is kept at most: characters of texts, and their nodes, each of which takes some hundred bytes. */
const MOST = { characters: 1_000_000, nodes: 150_000 };
const kept = { characters: 0, nodes: 0 };

/** Like parseYaml(), for a text that is likely to come again under the same name. Takes as much of the budget every time. */
export function parseAgain(source: string, budget: Budget, file?: string): ConfigNode {
  const { sourceLength, depth } = budget.limits;
  const known = recent.get(source);
  if (known && known.file === file && known.depth <= depth && source.length <= sourceLength) {
    budget.take('nodes', known.nodes, 'values after its aliases are expanded', { file });
    forget(source);
    keep(source, known);
    return known.root;
  }
  const before = budget.usedOf('nodes');
  const root = parseYaml(source, budget, file);
  const nodes = budget.usedOf('nodes') - before;
  forget(source);
  // A text that would drive out most others is not kept.
  if (source.length <= MOST.characters / 2 && nodes <= MOST.nodes / 2)
    keep(source, { file, root, nodes, depth });
  return root;
}

function keep(source: string, parsed: Parsed): void {
  recent.set(source, parsed);
  kept.characters += source.length;
  kept.nodes += parsed.nodes;
  for (const [oldest] of recent) {
    if (kept.characters <= MOST.characters && kept.nodes <= MOST.nodes) return;
    forget(oldest);
  }
}

function forget(source: string): void {
  const known = recent.get(source);
  if (!known) return;
  recent.delete(source);
  kept.characters -= source.length;
  kept.nodes -= known.nodes;
}
