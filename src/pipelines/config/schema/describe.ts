// What messages say of a node: its type, and the node itself when it is small.
import type { ConfigNode } from '../yaml/node.js';
import { renderYaml } from '../yaml/render.js';

export type TypeName = 'Mapping' | 'Sequence' | 'String' | 'Number' | 'Boolean' | 'Null';

export function typeOf(node: ConfigNode): TypeName {
  if (node.kind === 'mapping') return 'Mapping';
  if (node.kind === 'sequence') return 'Sequence';
  if (node.value === null) return 'Null';
  if (typeof node.value === 'string') return 'String';
  return typeof node.value === 'number' ? 'Number' : 'Boolean';
}

/** The type as `found:` names it: numbers by their kind. */
export function found(node: ConfigNode): string {
  const type = typeOf(node);
  if (type !== 'Number' || node.kind !== 'scalar') return type;
  return node.isFloat || !Number.isInteger(node.value) ? 'Double' : 'Integer';
}

/** True for a string that may become anything once its templates are evaluated. */
export function isTemplate(node: ConfigNode): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('<<');
}

/** Longer inputs would hide what is wrong. */
const MOST_LINES = 20;
const LONGEST_LINE = 200;

/** The lines that stand below a wrong type or size; none for input that is nested or long, as recordings show it. */
export function describeInput(keyword: string, node: ConfigNode): string[] {
  const children =
    node.kind === 'mapping' ? [...node.entries.values()] : node.kind === 'sequence' ? node.items : [];
  if (children.length > MOST_LINES || children.some((child) => child.kind !== 'scalar')) return [];
  const lines = renderYaml(node).trimEnd().split('\n');
  if (lines.length > MOST_LINES || lines.some((line) => line.length > LONGEST_LINE)) return [];
  return ['SCHEMA:', `  ${keyword}`, 'INPUT:', ...lines.map((line) => `  ${line}`)];
}
