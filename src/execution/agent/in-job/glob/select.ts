// Which paths a pattern selects, and in which order (AGENT ): the walk goes through each directory by name, and
// under `**` into the directories before it looks at what is in them.
import { posix } from 'node:path';
import { sortedNames } from '../compare.js';
import type { Component, Pattern } from './pattern.js';

/** What must be listed for a pattern: everything below `root`, as deep as `depth` says; without one, to the bottom. */
export interface Listing {
  /** As it is written at the beginning of each match: absolute, or relative to the current directory ('' is that). */
  root: string;
  depth?: number;
}

/** Undefined when the pattern is a directory that is there in any case: `.`, `..`, `/`. */
export function listingFor({ absolute, components }: Pattern): Listing | undefined {
  const first = firstOpen(components);
  if (components.slice(first).length === 0) return undefined;
  const names = components.slice(0, first).map((component) => (component as { name: string }).name);
  const root = posix.normalize((absolute ? '/' : './') + names.join('/'));
  const open = components.slice(first);
  return {
    root: root === './' || root === '.' ? '' : root.replace(/(.)\/$/, '$1'),
    ...(open.includes('any depth') ? {} : { depth: open.length }),
  };
}

/**
 * The matches of a pattern, each once, in the form in which the pattern was written.
 * @param below paths below the root of its listing, without a leading `./`; directories and files
 */
export function select(pattern: Pattern, below: Iterable<string>): string[] {
  const listing = listingFor(pattern);
  if (listing === undefined) {
    return [pattern.absolute ? '/' : posix.normalize(pattern.components.map(textOf).join('/') || '.')];
  }
  const tree = treeOf(below);
  const found = new Set<string>();
  const prefix = listing.root === '' || listing.root === '/' ? listing.root : `${listing.root}/`;
  visit(tree, prefix, pattern.components.slice(firstOpen(pattern.components)), found);
  return [...found];
}

/** Of a pattern without any of the signs the last name is looked for in its directory. */
function firstOpen(components: Component[]): number {
  const first = components.findIndex((component) => component === 'any depth' || 'test' in component);
  if (first >= 0) return first;
  const last = components.findLastIndex((component) => textOf(component) !== '..');
  return last === components.length - 1 ? last : components.length;
}

function textOf(component: Component): string {
  return typeof component === 'object' && 'name' in component ? component.name : '';
}

type Tree = Map<string, Tree | undefined>;

function treeOf(paths: Iterable<string>): Tree {
  const root: Tree = new Map();
  for (const path of paths) {
    let node = root;
    let from = 0;
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', from)) {
      const name = path.slice(from, slash);
      let child = node.get(name);
      if (child === undefined) node.set(name, (child = new Map()));
      node = child;
      from = slash + 1;
    }
    const name = path.slice(from);
    if (name !== '' && !node.has(name)) node.set(name, undefined);
  }
  return root;
}

function visit(node: Tree, prefix: string, components: Component[], found: Set<string>): void {
  const [component, ...rest] = components;
  if (component === undefined) return;
  if (component === 'any depth') {
    for (const name of sortedNames([...node.keys()])) {
      const child = node.get(name);
      if (rest.length === 0) found.add(prefix + name);
      if (child !== undefined) visit(child, `${prefix}${name}/`, components, found);
    }
    return visit(node, prefix, rest, found);
  }
  const names =
    'name' in component ? [component.name].filter((name) => node.has(name)) : sortedNames([...node.keys()]);
  for (const name of names) {
    if ('test' in component && !component.test.test(name)) continue;
    const child = node.get(name);
    if (rest.length === 0) found.add(prefix + name);
    else if (child !== undefined) visit(child, `${prefix}${name}/`, rest, found);
  }
}
