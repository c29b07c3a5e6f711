// A YAML value that remembers where it stood, so that every later stage can say what and where.
import type { Place } from '../problems/place.js';

export type ScalarValue = string | number | boolean | null;

export interface ScalarNode extends Place {
  kind: 'scalar';
  value: ScalarValue;
  /** Set on numbers written as fractions: `11.0` is printed as `11.0`, not as `11`. */
  isFloat?: true;
}
export interface SequenceNode extends Place {
  kind: 'sequence';
  items: ConfigNode[];
}
export interface MappingNode extends Place {
  kind: 'mapping';
  entries: Map<string, ConfigNode>;
  /** Places of the keys themselves, for messages about a key. */
  keys: Map<string, Place>;
}
export type ConfigNode = ScalarNode | SequenceNode | MappingNode;

const NOWHERE: Place = {};

export type PlainValue = ScalarValue | PlainValue[] | PlainRecord;
export interface PlainRecord {
  [key: string]: PlainValue;
}

export function placeOf({ file, line, column, pointer }: Place): Place {
  return { file, line, column, pointer };
}

// Nodes are made by the hundred thousand: all of one kind have the same fields in the same order, and nothing is spread.
export function scalar(value: ScalarValue, at: Place = NOWHERE, isFloat?: boolean): ScalarNode {
  const { file, line, column, pointer } = at;
  return { kind: 'scalar', value, isFloat: isFloat ? true : undefined, file, line, column, pointer };
}

export function sequence(items: ConfigNode[], at: Place = NOWHERE): SequenceNode {
  const { file, line, column, pointer } = at;
  return { kind: 'sequence', items, file, line, column, pointer };
}

/** `keys` are the places of the keys, where they are known. */
export function mapping(
  entries: Iterable<readonly [string, ConfigNode]>,
  at: Place = NOWHERE,
  keys: Map<string, Place> = new Map(),
): MappingNode {
  const { file, line, column, pointer } = at;
  return { kind: 'mapping', entries: new Map(entries), keys, file, line, column, pointer };
}

/** A node of its own with the same content. */
export function copyOf(node: ConfigNode): ConfigNode {
  return { ...node };
}

/** The entries of a mapping; none for anything else, null included. */
export function entriesOf(node: ConfigNode | undefined): Map<string, ConfigNode> {
  return node?.kind === 'mapping' ? node.entries : new Map<string, ConfigNode>();
}

export function isNull(node: ConfigNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null);
}

export function textOf(node: ConfigNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** Plain data of a node. */
export function toPlain(node: ConfigNode): PlainValue {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'sequence':
      return node.items.map(toPlain);
    case 'mapping': {
      const result: PlainRecord = {};
      for (const [key, value] of node.entries) setPlain(result, key, toPlain(value));
      return result;
    }
  }
}

/** Sets a key, `__proto__` like any other. Defining a key costs many times what assigning it does. */
export function setPlain(into: PlainRecord, key: string, value: PlainValue): void {
  if (key !== '__proto__') into[key] = value;
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The reverse, for data that has no place in a source. */
export function fromPlain(value: unknown, at: Place = {}): ConfigNode {
  if (Array.isArray(value))
    return sequence(
      value.map((item) => fromPlain(item, at)),
      at,
    );
  if (value !== null && typeof value === 'object') {
    return mapping(
      Object.entries(value).map(([key, item]) => [key, fromPlain(item, at)] as const),
      at,
    );
  }
  return scalar(value as ScalarValue, at, typeof value === 'number' && !Number.isInteger(value));
}
