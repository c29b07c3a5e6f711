// Names that templates and expressions may use, and what they mean where they stand.
import { fault, type ConfigFault, type Place } from '../problems/fault.js';
import { didYouMean } from '../problems/suggest.js';
import { scalar, type ConfigNode } from '../yaml/node.js';

/**
 * The value of a whole dotted name such as `parameters.x` or `pipeline.git.branch`; undefined when there is no such
 * variable here. Names are looked up whole, never as a path (LANGUAGE C-112). May throw a ConfigFault of its own,
 * placed at `at`.
 */
export interface Variables {
  (name: string, at?: Place): ConfigNode | undefined;
  /** By their whole names, those whose names cannot stand in an expression: they are put in as text (C-041, C-179). */
  readonly odd?: ReadonlyMap<string, ConfigNode>;
  /** All whole names that there are, for suggestions. */
  readonly names?: () => Iterable<string>;
}

/** Names that may stand in an expression. */
const EXPRESSION_NAME = /^[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;

/** Pairs of whole names and values, for `Variables.odd`. */
export function oddNames(
  prefix: string,
  values: ReadonlyMap<string, ConfigNode>,
): ReadonlyMap<string, ConfigNode> | undefined {
  const odd = [...values].filter(([name]) => !EXPRESSION_NAME.test(name));
  if (odd.length === 0) return undefined;
  // Longer names first, as one may begin with another.
  odd.sort(([a], [b]) => b.length - a.length);
  return new Map(odd.map(([name, value]) => [prefix + name, value] as const));
}

/** A name as `<< name >>` may hold it without being an expression. */
export const VARIABLE_NAME = /^[A-Za-z_][\w.\-/]*$/;

/** The message of C-042: what was referred to, the text around it, a line of carets below the name. */
export function unknownVariable(name: string, text: string, at: Place, variables?: Variables): ConfigFault {
  const line = text.split('\n').find((candidate) => candidate.includes(name)) ?? text;
  const column = Math.max(0, line.indexOf(name));
  const carets = `${' '.repeat(column)}${'^'.repeat(name.length)}`;
  const hint = didYouMean(name, variables?.names?.() ?? []);
  return fault(`Referred to a variable "${name}" that does not exist:\n${line}\n${carets}`, at, hint);
}

const missing = new WeakMap<ConfigNode, string>();

/** A value that only pipelines of another kind have: nothing in text, but a fault in logic (C-116). */
export function missingValue(name: string): ConfigNode {
  const node = scalar(null);
  missing.set(node, name);
  return node;
}

/** A value of the pipeline, which nobody wrote into a text, as it stands where it is used; any other value itself. */
export function standingAt(value: ConfigNode, at: Place): ConfigNode {
  if (value.kind !== 'scalar' || value.line !== undefined) return value;
  const placed = scalar(value.value, at, value.isFloat);
  const name = missing.get(value);
  if (name !== undefined) missing.set(placed, name);
  return placed;
}

/** The node itself, for logic; throws the fault of a variable that does not exist when it is a missing value. */
export function presentIn(logic: string, node: ConfigNode, at: Place): ConfigNode {
  const name = missing.get(node);
  if (name !== undefined) throw unknownVariable(name, logic, at);
  return node;
}
