// A YAML value that remembers where it stood, so that every later stage can say what and where.
import type { Place } from '../problems/fault.js';

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

export type PlainValue = ScalarValue | PlainValue[] | { [key: string]: PlainValue };

export function placeOf({ line, column, pointer }: Place): Place {
  return { line, column, pointer };
}

export function scalar(value: ScalarValue, at: Place = {}, isFloat?: boolean): ScalarNode {
  return { kind: 'scalar', value, ...placeOf(at), ...(isFloat && { isFloat: true as const }) };
}

export function sequence(items: ConfigNode[], at: Place = {}): SequenceNode {
  return { kind: 'sequence', items, ...placeOf(at) };
}

export function mapping(entries: Iterable<readonly [string, ConfigNode]>, at: Place = {}): MappingNode {
  return { kind: 'mapping', entries: new Map(entries), keys: new Map(), ...placeOf(at) };
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

/** Plain data of a node. Keys are defined, not assigned, so that `__proto__` is a key like any other. */
export function toPlain(node: ConfigNode): PlainValue {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'sequence':
      return node.items.map(toPlain);
    case 'mapping': {
      const result: { [key: string]: PlainValue } = {};
      for (const [key, value] of node.entries) {
        Object.defineProperty(result, key, {
          value: toPlain(value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return result;
    }
  }
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
