// What is checked of an orb when it is published, beyond its shape: old orbs break these rules and are used all the same.
import { entriesOf, isNull, textOf, type ConfigNode, type MappingNode } from '../yaml/node.js';
import { checkOrb } from './check.js';
import { typeOf } from './describe.js';
import { together, violation, type Violation } from './violation.js';

const EXAMPLE_NAME = /^[a-z][a-z\d_-]*$/;
const EXAMPLE_KEYS = ['description', 'usage', 'result'];

/** LANGUAGE C-125, C-126. */
export function checkPublishedOrb(orb: MappingNode): Violation | undefined {
  const shape = checkOrb(orb);
  const workflows = orb.keys.get('workflows');
  const found = [
    ...(shape ? [shape] : []),
    ...(workflows ? [violation(orb, 'extraneous key [workflows] is not permitted', { at: workflows })] : []),
    ...checkDisplay(orb.entries.get('display')),
    ...checkExamples(orb.entries.get('examples')),
  ];
  return together(orb, found);
}

function expected(type: string, node: ConfigNode): Violation[] {
  return typeOf(node) === type ? [] : [violation(node, `expected type: ${type}, found: ${typeOf(node)}`)];
}

function checkDisplay(display: ConfigNode | undefined): Violation[] {
  if (!display || isNull(display)) return [];
  if (display.kind !== 'mapping') return expected('Mapping', display);
  return ['home_url', 'source_url'].flatMap((key) => {
    const value = display.entries.get(key);
    if (!value || isNull(value)) return [];
    const text = textOf(value);
    if (text === undefined) return expected('String', value);
    return /^https?:\/\/[^\s/]+/.test(text) ? [] : [violation(value, `[${text}] is not a valid URI`)];
  });
}

function checkExamples(examples: ConfigNode | undefined): Violation[] {
  if (!examples || isNull(examples)) return [];
  if (examples.kind !== 'mapping') return expected('Mapping', examples);
  return [...entriesOf(examples)].flatMap(([name, example]) => checkExample(example, name));
}

function checkExample(example: ConfigNode, name: string): Violation[] {
  if (example.kind !== 'mapping') return expected('Mapping', example);
  const unknown = [...example.entries.keys()].filter((key) => !EXAMPLE_KEYS.includes(key));
  const parts = ['usage', 'result'].map((key) => example.entries.get(key));
  return [
    ...(EXAMPLE_NAME.test(name)
      ? []
      : [violation(example, `string [${name}] does not match pattern ${EXAMPLE_NAME.source}`)]),
    ...unknown.map((key) =>
      violation(example, `extraneous key [${key}] is not permitted`, { at: example.keys.get(key) }),
    ),
    ...(example.entries.has('usage') ? [] : [violation(example, 'required key [usage] not found')]),
    ...parts.flatMap((part) => (part ? expected('Mapping', part) : [])),
  ];
}
