// Parses texts that come again and again: a published orb never changes, and reading it costs more than a small config does.
import type { Budget } from '../problems/limits.js';
import type { ConfigNode } from './node.js';
import { parseYaml } from './parse.js';

interface Parsed {
  source: string;
  root: ConfigNode;
  /** What it took of the limit on nodes. */
  nodes: number;
}

/** By name, the one that was used longest ago first. Nodes are never changed once they are made, so compilations share them. */
const recent = new Map<string, Parsed>();
/** Characters of the texts that are kept; their nodes take some thirty bytes for each. */
const MOST_CHARACTERS = 1_000_000;
let characters = 0;

/** Like parseYaml(), for a text that is likely to come again under the same name. Takes as much of the budget every time. */
export function parseAgain(source: string, budget: Budget, file: string): ConfigNode {
  const known = recent.get(file);
  if (known?.source === source) {
    budget.take('nodes', known.nodes, 'values after its aliases are expanded', { file });
    forget(file);
    keep(file, known);
    return known.root;
  }
  const before = budget.usedOf('nodes');
  const root = parseYaml(source, budget, file);
  forget(file);
  keep(file, { source, root, nodes: budget.usedOf('nodes') - before });
  return root;
}

function keep(file: string, parsed: Parsed): void {
  recent.set(file, parsed);
  characters += parsed.source.length;
  for (const [oldest] of recent) {
    if (characters <= MOST_CHARACTERS) return;
    forget(oldest);
  }
}

function forget(file: string): void {
  const known = recent.get(file);
  if (!known) return;
  recent.delete(file);
  characters -= known.source.length;
}
