// Which values a parameter type takes. Nothing is converted: `"true"` is no boolean (LANGUAGE C-039, C-145 to C-151).
import { entriesOf, toPlain, type ConfigNode } from '../yaml/node.js';

export type ParameterType = 'string' | 'boolean' | 'integer' | 'enum' | 'executor' | 'steps' | 'env_var_name';

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function hasType(node: ConfigNode, type: ParameterType, values: readonly string[] = []): boolean {
  const value = node.kind === 'scalar' ? node.value : undefined;
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'enum':
      return value !== undefined && value !== null && values.includes(String(value));
    case 'executor':
      return typeof value === 'string' || entriesOf(node).has('name');
    case 'steps':
      return node.kind === 'sequence';
    case 'env_var_name':
      return typeof value === 'string' && VARIABLE_NAME.test(value);
  }
}

/** The type as messages name it. */
export function expectedType(type: ParameterType, values: readonly string[] | undefined): string {
  return type === 'enum' && values ? `enum (${values.map((value) => `"${value}"`).join(', ')})` : type;
}

/** `"true" (type string)`; the quote differs between messages. */
export function formatActual(node: ConfigNode, quote: '"' | "'"): string {
  const plain = toPlain(node);
  const text = typeof plain === 'object' && plain !== null ? JSON.stringify(plain) : String(plain);
  return `${quote}${text}${quote} (type ${typeName(node)})`;
}

function typeName(node: ConfigNode): string {
  if (node.kind === 'sequence') return 'list';
  if (node.kind === 'mapping') return 'map';
  if (node.value === null) return 'null';
  if (typeof node.value === 'number') return node.isFloat ? 'number' : 'integer';
  return typeof node.value;
}
