// The shape of steps (LANGUAGE sections 12 to 14). Maps of built-in steps stay open: real configs have odd keys in them.
import { entriesOf, isNull, type ConfigNode } from '../yaml/node.js';
import { checkItems, expectType, isTemplate, requireKeys, typeOf } from './shape.js';
import { violation, type Violation } from './violation.js';

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  run: ['command'],
  save_cache: ['key', 'paths'],
  persist_to_workspace: ['root', 'paths'],
  attach_workspace: ['at'],
  store_artifacts: ['path'],
  store_test_results: ['path'],
  when: ['condition', 'steps'],
  unless: ['condition', 'steps'],
};

/** `commands` are names that the config itself defines, which may be called like built-in steps. */
export function checkSteps(node: ConfigNode, commands: ReadonlySet<string>): Violation[] {
  if (isTemplate(node)) return [];
  return checkItems(node, (step) => checkStep(step, commands));
}

function checkStep(step: ConfigNode, commands: ReadonlySet<string>): Violation[] {
  if (typeOf(step) === 'String') return [];
  if (step.kind !== 'mapping') return expectType(step, 'String', 'Mapping');
  const [first, second] = step.entries;
  if (!first || second) {
    return [
      violation(step, `maximum size: [1], found: [${step.entries.size}]`, {
        at: second ? (step.keys.get(second[0]) ?? step) : step,
      }),
    ];
  }
  const [name, value] = first;
  if (commands.has(name)) return [];
  const required = REQUIRED[name] ?? [];
  if (required.length === 0 || isTemplate(value)) return [];
  if (name === 'run' && value.kind === 'scalar' && !isNull(value)) return [];
  if (value.kind !== 'mapping') return expectType(value, 'Mapping');
  const missing = requireKeys(value, required);
  const inner = name === 'when' || name === 'unless' ? entriesOf(value).get('steps') : undefined;
  return inner ? [...missing, ...checkSteps(inner, commands)] : missing;
}
