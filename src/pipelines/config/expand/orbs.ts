// Loads the orbs that a config imports, and those that they import (LANGUAGE C-118 to C-131). The only waiting stage.
import type { OrbResolver } from '../config.types.js';
import { ConfigFault, fault, FaultList } from '../problems/fault.js';
import { evaluateNode } from '../template/evaluate.js';
import type { Variables } from '../template/variables.js';
import { entriesOf, isNull, textOf, type ConfigNode } from '../yaml/node.js';
import { parseYaml } from '../yaml/parse.js';
import type { Budget } from '../problems/limits.js';
import { namespaceOf, type Namespace } from './namespace.js';

export interface OrbLoading {
  resolver: OrbResolver;
  budget: Budget;
  /** What `<< >>` in the config's own orb references sees: pipeline values and parameters (C-037). */
  variables: Variables;
}
export interface LoadedOrbs {
  namespaces: Map<string, Namespace>;
  /** The config's own registry orbs in order, for the header of the output (C-389). */
  resolved: { reference: string; resolvedReference: string }[];
}

/** Imports nest no deeper than this; C-134 has 5 for URL orbs. */
const MAX_DEPTH = 10;

/** Throws a ConfigFault that names every orb that cannot be had. */
export async function loadOrbs(
  declared: ConfigNode | undefined,
  loading: OrbLoading,
  depth = 1,
): Promise<LoadedOrbs> {
  const result: LoadedOrbs = { namespaces: new Map(), resolved: [] };
  if (isNull(declared) || !declared) return result;
  if (declared.kind !== 'mapping') {
    throw fault(`[${declared.pointer ?? '#'}] expected type: Mapping, found: another type`, declared);
  }
  if (depth > MAX_DEPTH) throw fault(`Orbs may import each other at most ${MAX_DEPTH} deep`, declared);
  const faults = new FaultList();
  for (const [name, node] of declared.entries) {
    loading.budget.take('orbs', 1, 'orbs', node);
    try {
      result.namespaces.set(name, await loadOrb(node, loading, depth, result));
    } catch (error) {
      if (!(error instanceof ConfigFault)) throw error;
      for (const problem of error.problems) faults.add(problem);
    }
  }
  faults.throwIfAny();
  return result;
}

async function loadOrb(
  node: ConfigNode,
  loading: OrbLoading,
  depth: number,
  result: LoadedOrbs,
): Promise<Namespace> {
  if (node.kind === 'mapping') {
    // An inline orb's own imports see the config's values like the config itself does.
    const nested = await loadOrbs(node.entries.get('orbs'), loading, depth + 1);
    return namespaceOf(node, 'orb', nested.namespaces);
  }
  const reference = textOf(evaluateNode(node, loading.variables, loading.budget));
  if (reference === undefined) {
    throw fault(`[${node.pointer ?? '#'}] expected type: String, found: another type`, node);
  }
  const found = await loading.resolver.resolve(reference);
  if (!found) {
    const hint = 'Check that the namespace, orb name and version are correct.';
    throw fault(`Cannot find ${reference} in the orb registry. ${hint}`, node);
  }
  result.resolved.push({ reference, resolvedReference: found.resolvedReference });
  const root = parseYaml(found.source, loading.budget, found.resolvedReference);
  const nested = await loadOrbs(entriesOf(root).get('orbs'), loading, depth + 1);
  return namespaceOf(root, 'orb', nested.namespaces);
}
