// Environments in the printed form: a list of single-key maps, the executor's first, the job winning (LANGUAGE C-398).
import { mapping, scalar, sequence, type ConfigNode } from '../yaml/node.js';

/** Undefined when neither side has an environment. Lists are accepted as well as maps (C-213, C-377). */
export function mergeEnvironments(
  executor: ConfigNode | undefined,
  job: ConfigNode | undefined,
): ConfigNode | undefined {
  if (!executor && !job) return undefined;
  const merged = new Map([...variablesIn(executor), ...variablesIn(job)]);
  return sequence(
    [...merged].map(([name, value]) => mapping([[name, value]], value)),
    job ?? executor,
  );
}

/** Pairs of an environment written as a map, a list of maps, a list of `NAME=value` or one such string. */
export function variablesIn(node: ConfigNode | undefined): [string, ConfigNode][] {
  if (!node) return [];
  if (node.kind === 'mapping') return [...node.entries];
  if (node.kind === 'sequence') return node.items.flatMap(variablesIn);
  if (typeof node.value !== 'string') return [];
  const equals = node.value.indexOf('=');
  return equals > 0 ? [[node.value.slice(0, equals), scalar(node.value.slice(equals + 1), node)]] : [];
}
