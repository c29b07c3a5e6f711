// Checks the shape of a whole config, before anything is evaluated: unused elements too (LANGUAGE C-019).
import type { ConfigProblem } from '../config.types.js';
import { entriesOf, textOf, type ConfigNode, type MappingNode } from '../yaml/node.js';
import { checkCommand, checkExecutor, checkJob } from './job.schema.js';
import { checkEach, checkItems, expectType, typeOf } from './shape.js';
import { problemOfViolation, violation, type Violation } from './violation.js';

/** Unknown top-level keys are no violation (C-012). Version 2 has neither commands nor executors to check. */
export function checkSchema(root: MappingNode, templates: boolean): ConfigProblem[] {
  const commands = new Set(templates ? entriesOf(root.entries.get('commands')).keys() : []);
  const found = [
    ...(templates
      ? checkEach(root.entries.get('commands'), (n, name) => checkCommand(n, name, commands))
      : []),
    ...(templates ? checkEach(root.entries.get('executors'), checkExecutor) : []),
    ...checkEach(root.entries.get('jobs'), (job) => checkJob(job, commands)),
    ...checkEach(root.entries.get('workflows'), checkWorkflow),
    ...(templates ? checkSetup(root.entries.get('setup')) : []),
  ];
  return found.map(problemOfViolation);
}

function checkSetup(setup: ConfigNode | undefined): Violation[] {
  return setup ? expectType(setup, 'Boolean') : [];
}

function checkWorkflow(workflow: ConfigNode, name: string): Violation[] {
  if (name === 'version' && workflow.kind !== 'mapping') return [];
  if (workflow.kind !== 'mapping') return expectType(workflow, 'Mapping');
  const jobs = workflow.entries.get('jobs');
  if (!jobs) return [violation(workflow, 'required key [jobs] not found')];
  if (jobs.kind === 'sequence' && jobs.items.length === 0) {
    return [violation(jobs, 'minimum size: [1], found: [0]')];
  }
  return checkItems(jobs, (entry) => {
    if (typeOf(entry) === 'String') return [];
    return entry.kind === 'mapping' && entry.entries.size > 0
      ? checkOptions(entry)
      : expectType(entry, 'String');
  });
}

function checkOptions(entry: MappingNode): Violation[] {
  const [first] = entry.entries;
  const options = first?.[1];
  if (!options || typeOf(options) === 'Null') return [];
  if (options.kind !== 'mapping') return expectType(options, 'Mapping');
  const type = options.entries.get('type');
  const text = type && textOf(type);
  return text === undefined || text === 'approval' || text.includes('<<')
    ? []
    : [violation(type!, 'Input not a valid enum value', { notes: ['enum:', '  - approval'] })];
}
