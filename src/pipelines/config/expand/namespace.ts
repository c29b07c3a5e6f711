// Where names are looked up: the config, or an orb with what it imports (LANGUAGE C-127 to C-133).
import { fault, type ConfigFault, type Place } from '../problems/fault.js';
import { didYouMean } from '../problems/suggest.js';
import { entriesOf, textOf, type ConfigNode, type MappingNode } from '../yaml/node.js';

export type ElementKind = 'command' | 'executor' | 'job';

export interface Namespace {
  kind: 'config' | 'orb';
  commands: ReadonlyMap<string, ConfigNode>;
  executors: ReadonlyMap<string, ConfigNode>;
  jobs: ReadonlyMap<string, ConfigNode>;
  orbs: ReadonlyMap<string, Namespace>;
}

/** A definition, with the namespace in which its own names resolve. */
export interface Element {
  namespace: Namespace;
  definition: MappingNode;
}

const ALIAS_HOPS = 20;

export function namespaceOf(
  root: ConfigNode,
  kind: Namespace['kind'],
  orbs: ReadonlyMap<string, Namespace>,
): Namespace {
  const entries = entriesOf(root);
  return {
    kind,
    commands: entriesOf(entries.get('commands')),
    executors: entriesOf(entries.get('executors')),
    jobs: entriesOf(entries.get('jobs')),
    orbs,
  };
}

/**
 * The element that a name means; undefined when there is none. `orb/name` enters an imported orb. A definition that is a
 * string is another name for an element (C-132). Throws a ConfigFault for aliases of nothing and for those that name each
 * other in a circle.
 */
export function findElement(namespace: Namespace, kind: ElementKind, name: string): Element | undefined {
  let [scope, current] = [namespace, name];
  for (let hop = 0; hop < ALIAS_HOPS; hop += 1) {
    const slash = current.indexOf('/');
    const orb = slash > 0 ? scope.orbs.get(current.slice(0, slash)) : undefined;
    const definition = orb
      ? elementsOf(orb, kind).get(current.slice(slash + 1))
      : elementsOf(scope, kind).get(current);
    if (!definition && hop === 0) return undefined;
    if (!definition) throw fault(`Cannot find a definition for ${kind} named ${current}`);
    if (orb) scope = orb;
    const alias = textOf(definition);
    if (alias === undefined) {
      return definition.kind === 'mapping' ? { namespace: scope, definition } : undefined;
    }
    current = alias;
  }
  throw fault(`The definition of ${kind} ${name} refers to itself`);
}

/** All names by which elements of a kind can be called here, for suggestions. */
export function namesOf(namespace: Namespace, kind: ElementKind): string[] {
  const imported = [...namespace.orbs].flatMap(([orb, inner]) =>
    [...elementsOf(inner, kind).keys()].map((name) => `${orb}/${name}`),
  );
  return [...elementsOf(namespace, kind).keys(), ...imported];
}

/** The orb in front of a name, when there is no such orb. */
export function missingOrb(namespace: Namespace, name: string): string | undefined {
  const slash = name.indexOf('/');
  const orb = slash > 0 ? name.slice(0, slash) : undefined;
  return orb === undefined || namespace.orbs.has(orb) ? undefined : orb;
}

/**
 * The fault, in the original's words, for a name that means nothing: a missing orb comes first. `more` are further names
 * that could have been meant.
 */
export function missingElement(
  namespace: Namespace,
  kind: ElementKind,
  name: string,
  at: Place,
  more: readonly string[] = [],
): ConfigFault {
  const orb = missingOrb(namespace, name);
  const text =
    orb === undefined
      ? `Cannot find a definition for ${kind} named ${name}`
      : `Cannot find orb '${orb}' looking for ${kind} named '${name}'`;
  return fault(text, at, didYouMean(name, [...more, ...namesOf(namespace, kind)]));
}

function elementsOf(namespace: Namespace, kind: ElementKind): ReadonlyMap<string, ConfigNode> {
  if (kind === 'command') return namespace.commands;
  return kind === 'executor' ? namespace.executors : namespace.jobs;
}
