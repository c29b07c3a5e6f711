// The shape of jobs, commands and executors (LANGUAGE C-013, C-189, C-194, C-198, C-215).
import type { ConfigNode, MappingNode } from '../yaml/node.js';
import { textOf } from '../yaml/node.js';
import { checkItems, checkKeys, expectType, isTemplate, requireKeys, typeOf } from './shape.js';
import { checkSteps } from './steps.schema.js';
import { together, violation, type Violation } from './violation.js';

const JOB_KEYS = [
  'description',
  'parallelism',
  'macos',
  'resource_class',
  'docker',
  'steps',
  'retention',
  'working_directory',
  'circleci_ip_ranges',
  'machine',
  'environment',
  'executor',
  'shell',
  'parameters',
  'type',
];
const EXECUTOR_KEYS = [
  'description',
  'macos',
  'shell',
  'resource_class',
  'docker',
  'machine',
  'working_directory',
  'environment',
  'parameters',
];
const COMMAND_KEYS = ['description', 'parameters', 'steps'];
const IMAGE_KEYS = [
  'image',
  'name',
  'entrypoint',
  'command',
  'user',
  'environment',
  'auth',
  'aws_auth',
  'gcp_auth',
  'ports',
];
const ELEMENT_NAME = /^[a-z][a-z\d_-]*$/;

/** A violation of a job is printed as the choice that the schema gives: a job, another job's name, a typed job. */
export function checkJob(job: ConfigNode, commands: ReadonlySet<string>): Violation[] {
  if (typeOf(job) === 'String') return [];
  if (job.kind !== 'mapping') return [violation(job, `expected type: Mapping, found: ${typeOf(job)}`)];
  if (job.entries.has('type') && textOf(job.entries.get('type')) !== 'build') return [];
  const shape = [...checkKeys(job, JOB_KEYS), ...requireKeys(job, ['steps'])];
  const found = together(job, shape);
  if (found) return [asChoice(job, found)];
  return [...checkRuntime(job), ...checkSteps(job.entries.get('steps')!, commands)];
}

function asChoice(job: MappingNode, found: Violation): Violation {
  return violation(job, '0 subschemas matched instead of one', {
    causes: [
      violation(job, 'only 1 subschema matches out of 2', { causes: [found] }),
      violation(job, 'expected type: String, found: Mapping', {
        notes: ['Job may be a string reference to another job'],
      }),
      violation(job, 'required key [type] not found'),
    ],
  });
}

export function checkCommand(command: ConfigNode, name: string, commands: ReadonlySet<string>): Violation[] {
  const named = checkName(command, name);
  if (typeOf(command) === 'String') return named;
  if (command.kind !== 'mapping') return [...named, ...expectType(command, 'Mapping')];
  const steps = command.entries.get('steps');
  // Inside itself a command's name is the built-in step's.
  const inner = new Set([...commands].filter((other) => other !== name));
  return [
    ...named,
    ...checkKeys(command, COMMAND_KEYS),
    ...requireKeys(command, ['steps']),
    ...(steps ? checkSteps(steps, inner) : []),
  ];
}

export function checkExecutor(executor: ConfigNode, name: string): Violation[] {
  const named = checkName(executor, name);
  if (typeOf(executor) === 'String') return named;
  if (executor.kind !== 'mapping') return [...named, ...expectType(executor, 'Mapping')];
  return [...named, ...checkKeys(executor, EXECUTOR_KEYS), ...checkRuntime(executor)];
}

function checkName(node: ConfigNode, name: string): Violation[] {
  return ELEMENT_NAME.test(name)
    ? []
    : [violation(node, `string [${name}] does not match pattern ${ELEMENT_NAME.source}`)];
}

function checkRuntime(node: MappingNode): Violation[] {
  const found: Violation[] = [];
  const check = (key: string, rule: (value: ConfigNode) => Violation[]): void => {
    const value = node.entries.get(key);
    if (value) found.push(...rule(value));
  };
  check('docker', checkImages);
  check('parallelism', (value) => expectType(value, 'Number'));
  check('resource_class', (value) => expectType(value, 'String'));
  check('working_directory', (value) => expectType(value, 'String'));
  check('machine', (value) => expectType(value, 'Boolean', 'String', 'Mapping'));
  check('macos', (value) => expectType(value, 'Mapping'));
  return found;
}

function checkImages(node: ConfigNode): Violation[] {
  if (isTemplate(node)) return [];
  if (node.kind === 'sequence' && node.items.length === 0) {
    return [violation(node, 'minimum size: [1], found: [0]')];
  }
  return checkItems(node, (image) =>
    image.kind === 'mapping'
      ? [...checkKeys(image, IMAGE_KEYS), ...requireKeys(image, ['image'])]
      : expectType(image, 'Mapping'),
  );
}
