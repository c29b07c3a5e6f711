// Environments in the printed form: a list of single-key maps, the executor's first, the job winning (LANGUAGE C-398).
import type { Place } from '../problems/fault.js';
import { mapping, scalar, sequence, type ConfigNode } from '../yaml/node.js';

/** Undefined when neither side has an environment. Lists are accepted as well as maps (C-213, C-377). */
export function mergeEnvironments(
  executor: ConfigNode | undefined,
  job: ConfigNode | undefined,
): ConfigNode | undefined {
  if (!executor && !job) return undefined;
  const merged = new Map(
    [...variablesIn(executor), ...variablesIn(job)].map((variable) => [variable.name, variable]),
  );
  return sequence(
    [...merged.values()].map(({ name, value, at }) =>
      mapping([[name, value]], value, at && new Map([[name, at]])),
    ),
    job ?? executor,
  );
}

export interface EnvironmentVariable {
  name: string;
  value: ConfigNode;
  /** Place of the name. */
  at?: Place;
}

/** The variables of an environment written as a map, a list of maps, a list of `NAME=value` or one such string. */
export function variablesIn(node: ConfigNode | undefined): EnvironmentVariable[] {
  if (!node) return [];
  if (node.kind === 'mapping')
    return [...node.entries].map(([name, value]) => ({ name, value, at: node.keys.get(name) }));
  if (node.kind === 'sequence') return node.items.flatMap(variablesIn);
  if (typeof node.value !== 'string') return [];
  const equals = node.value.indexOf('=');
  if (equals <= 0) return [];
  return [{ name: node.value.slice(0, equals), value: scalar(node.value.slice(equals + 1), node), at: node }];
}
