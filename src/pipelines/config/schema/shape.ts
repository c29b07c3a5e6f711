// Building blocks of the schema: types, permitted and required keys, with the original's wording.
import type { ConfigNode, MappingNode } from '../yaml/node.js';
import { placeOf } from '../yaml/node.js';
import { violation, type Violation } from './violation.js';

export type TypeName = 'Mapping' | 'Sequence' | 'String' | 'Number' | 'Boolean' | 'Null';

export function typeOf(node: ConfigNode): TypeName {
  if (node.kind === 'mapping') return 'Mapping';
  if (node.kind === 'sequence') return 'Sequence';
  if (node.value === null) return 'Null';
  if (typeof node.value === 'string') return 'String';
  return typeof node.value === 'number' ? 'Number' : 'Boolean';
}

/** True for a string that may become anything once its templates are evaluated. */
export function isTemplate(node: ConfigNode): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('<<');
}

export function expectType(node: ConfigNode, ...types: TypeName[]): Violation[] {
  if (types.includes(typeOf(node)) || isTemplate(node)) return [];
  return [violation(node, `expected type: ${types.join(' or ')}, found: ${typeOf(node)}`)];
}

/** Keys that are not permitted, each with the lists that the original prints below it. */
export function checkKeys(node: MappingNode, permitted: readonly string[]): Violation[] {
  return [...node.entries.keys()]
    .filter((key) => !permitted.includes(key))
    .map((key) => ({
      at: { ...placeOf(node.keys.get(key) ?? node) },
      pointer: node.pointer ?? '#',
      text: `extraneous key [${key}] is not permitted`,
      notes: [
        'Permitted keys:',
        ...permitted.map((name) => `  - ${name}`),
        'Passed keys:',
        ...[...node.entries.keys()].map((name) => `  - ${name}`),
      ],
    }));
}

export function requireKeys(node: MappingNode, required: readonly string[]): Violation[] {
  return required
    .filter((key) => !node.entries.has(key))
    .map((key) => violation(node, `required key [${key}] not found`));
}

/** Every entry of a mapping against one rule; null stands for an empty mapping. */
export function checkEach(
  node: ConfigNode | undefined,
  check: (entry: ConfigNode, name: string) => readonly Violation[],
): Violation[] {
  if (!node || typeOf(node) === 'Null') return [];
  if (node.kind !== 'mapping') return expectType(node, 'Mapping');
  return [...node.entries].flatMap(([name, entry]) => check(entry, name));
}

export function checkItems(node: ConfigNode, check: (item: ConfigNode) => readonly Violation[]): Violation[] {
  if (node.kind !== 'sequence') return expectType(node, 'Sequence');
  return node.items.flatMap(check);
}
