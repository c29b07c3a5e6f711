// The combinations of a matrix and the names that they get (LANGUAGE C-302 to C-306).
import { fault, type Place } from '../problems/fault.js';
import type { Budget } from '../problems/limits.js';
import { isNull, textOf, toPlain, type ConfigNode } from '../yaml/node.js';

export type Combination = ReadonlyMap<string, ConfigNode>;

export interface Matrix {
  combinations: Combination[];
  /** Combinations that `exclude` takes out, each with the item that does it. */
  excluded: { combination: Combination; by: ConfigNode }[];
  alias?: string;
}

/**
 * `node` has its templates evaluated. Parameters go in the order of their names, the last one varying fastest, as in the
 * documents' examples (C-304). Throws a ConfigFault for a matrix without lists or with an `exclude` that fits nothing.
 */
export function readMatrix(node: ConfigNode, budget: Budget): Matrix {
  const pointer = node.pointer ?? '#';
  if (node.kind !== 'mapping') throw fault(`[${pointer}] expected type: Mapping, found: another type`, node);
  const parameters = node.entries.get('parameters');
  if (parameters?.kind !== 'mapping' || parameters.entries.size === 0) {
    throw fault(`[${pointer}] required key [parameters] not found`, node);
  }
  const axes = [...parameters.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  let combinations: Combination[] = [new Map()];
  for (const [name, values] of axes) {
    if (values.kind !== 'sequence') {
      throw fault(`[${pointer}/parameters/${name}] expected type: Sequence, found: another type`, values);
    }
    if (combinations.length * values.items.length > budget.limits.jobs)
      throw budget.tooLarge('jobs', 'jobs', node);
    combinations = combinations.flatMap((done) =>
      values.items.map((value) => new Map([...done, [name, value]])),
    );
  }
  const excluded = excludedKeys(
    node.entries.get('exclude'),
    axes.map(([name]) => name),
  );
  const alias = textOf(node.entries.get('alias'));
  const kept: Combination[] = [];
  const out: Matrix['excluded'] = [];
  for (const combination of combinations) {
    const by = excluded.size > 0 ? excluded.get(keyOf(combination)) : undefined;
    if (by) out.push({ combination, by });
    else kept.push(combination);
  }
  return { combinations: kept, excluded: out, ...(alias !== undefined && { alias }) };
}

function excludedKeys(node: ConfigNode | undefined, names: readonly string[]): Map<string, ConfigNode> {
  if (isNull(node) || !node) return new Map();
  if (node.kind !== 'sequence') {
    throw fault(`[${node.pointer ?? '#'}] expected type: Sequence, found: another type`, node);
  }
  return new Map(
    node.items.map((item) => {
      const entries = item.kind === 'mapping' ? item.entries : new Map<string, ConfigNode>();
      const matches = entries.size === names.length && names.every((name) => entries.has(name));
      if (!matches) {
        const place: Place = item;
        throw fault(`An exclude of a matrix must give every parameter of it: ${names.join(', ')}`, place);
      }
      return [keyOf(new Map(names.map((name) => [name, entries.get(name)!]))), item] as const;
    }),
  );
}

function keyOf(combination: Combination): string {
  return JSON.stringify([...combination].map(([name, value]) => [name, toPlain(value)]));
}

/** `job-` and the values, joined by `-`. */
export function combinationName(job: string, combination: Combination): string {
  const values = [...combination.values()].map((value) => {
    const plain = toPlain(value);
    if (value.kind === 'scalar')
      return value.isFloat && Number.isInteger(plain) ? `${String(plain)}.0` : String(plain);
    const name = value.kind === 'mapping' ? value.entries.get('name') : undefined;
    return name ? String(toPlain(name)) : JSON.stringify(plain);
  });
  return [job, ...values].join('-');
}
