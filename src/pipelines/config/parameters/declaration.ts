// The `parameters:` of a pipeline, job, command or executor, read and checked (LANGUAGE C-035, C-137 to C-151).
import { fault, FaultList, problemAt, type Place } from '../problems/fault.js';
import { entriesOf, isNull, textOf, toPlain, type ConfigNode } from '../yaml/node.js';
import { expectedType, formatActual, hasType, type ParameterType } from './types.js';

export interface ParameterDeclaration {
  name: string;
  type: ParameterType;
  /** The values of type `enum`. */
  values?: readonly string[];
  /** Without one the argument is required. */
  default?: ConfigNode;
}
export type Declarations = ReadonlyMap<string, ParameterDeclaration>;

const ELEMENT_TYPES: readonly string[] = [
  'string',
  'boolean',
  'integer',
  'enum',
  'executor',
  'steps',
  'env_var_name',
];
const PIPELINE_TYPES: readonly string[] = ['string', 'boolean', 'integer', 'enum'];
const KEYS = ['type', 'default', 'description', 'enum'];

/** Throws a ConfigFault with every fault found in the declarations. */
export function readDeclarations(node: ConfigNode | undefined, owner: 'pipeline' | 'element'): Declarations {
  const result = new Map<string, ParameterDeclaration>();
  if (isNull(node)) return result;
  if (node?.kind !== 'mapping') {
    throw fault(`[${node?.pointer ?? '#'}] expected type: Mapping, found: ${describe(node)}`, node);
  }
  const faults = new FaultList();
  for (const [name, entry] of node.entries) {
    faults.collect(() => result.set(name, readOne(name, entry, owner)));
  }
  faults.throwIfAny();
  return result;
}

function describe(node: ConfigNode | undefined): string {
  if (node?.kind === 'sequence') return 'Sequence';
  return typeof (node?.kind === 'scalar' ? node.value : undefined) === 'string' ? 'String' : 'Null';
}

function readOne(name: string, entry: ConfigNode, owner: 'pipeline' | 'element'): ParameterDeclaration {
  const at = entry.pointer ?? '#';
  const faults = new FaultList();
  const report = (text: string, place: Place = entry): void =>
    faults.add(problemAt(`[${at}] ${text}`, place));
  if (entry.kind !== 'mapping')
    throw fault(`[${at}] expected type: Mapping, found: ${describe(entry)}`, entry);
  for (const [key, value] of entry.entries) {
    if (KEYS.includes(key)) continue;
    report(`extraneous key [${key}] is not permitted\n${keyList(entry)}`, entry.keys.get(key) ?? value);
  }
  const type = entry.entries.get('type');
  const types = owner === 'pipeline' ? PIPELINE_TYPES : ELEMENT_TYPES;
  const typeName = textOf(type);
  if (!type) report('required key [type] not found');
  else if (typeName === undefined || !types.includes(typeName)) {
    const list = types.map((known) => `  - ${known}`).join('\n');
    faults.add(problemAt(`[${at}/type] Input not a valid enum value\nenum:\n${list}`, type));
  }
  if (owner === 'pipeline' && !entry.entries.has('default')) report('required key [default] not found');
  const values = typeName === 'enum' ? enumValues(entry.entries.get('enum')) : undefined;
  if (typeName === 'enum' && !values) report('required key [enum] not found');
  faults.throwIfAny();
  return {
    name,
    type: typeName as ParameterType,
    ...(values && { values }),
    ...checkedDefault(name, typeName as ParameterType, values, entry.entries.get('default')),
  };
}

function keyList(entry: ConfigNode): string {
  const list = (keys: readonly string[]): string => keys.map((key) => `  - ${key}`).join('\n');
  return `Permitted keys:\n${list(KEYS)}\nPassed keys:\n${list([...entriesOf(entry).keys()])}`;
}

function enumValues(node: ConfigNode | undefined): string[] | undefined {
  return node?.kind === 'sequence' && node.items.length > 0
    ? node.items.map((item) => String(toPlain(item)))
    : undefined;
}

function checkedDefault(
  name: string,
  type: ParameterType,
  values: readonly string[] | undefined,
  value: ConfigNode | undefined,
): { default?: ConfigNode } {
  if (!value) return {};
  if (hasType(value, type, values)) return { default: value };
  const message = `Parameter error: default value of parameter '${name}' is ${formatActual(value, "'")}: expected type ${expectedType(type, values)}`;
  throw fault(message, value);
}
