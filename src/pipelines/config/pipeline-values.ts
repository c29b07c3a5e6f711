// `pipeline.*`: values that every pipeline has, and the pipeline's parameters (LANGUAGE C-035 to C-117).
import type { ParameterValue, PipelineValues } from './config.types.js';
import { bindArguments } from './parameters/bind.js';
import { readDeclarations } from './parameters/declaration.js';
import type { Budget } from './problems/limits.js';
import { evaluateNode } from './template/evaluate.js';
import { missingValue, oddNames, type Variables } from './template/variables.js';
import { fromPlain, mapping, scalar, type ConfigNode } from './yaml/node.js';

export type PipelineVariables = Variables;

/** Known names, by groups with a common beginning. One that this pipeline does not have is null, not an error (C-114). */
const KNOWN: Readonly<Record<string, string>> = {
  '': 'id number name in_setup integration_source trigger_source',
  'definition.': 'id',
  'project.': 'git_url type slug',
  'git.':
    'tag branch branch.is_default revision repo_url repo_owner repo_name repo_id base_revision commit.url commit.subject commit.body commit.author_login',
  'config.': 'repository.name repository.url file_path ref sha',
  'trigger.': 'received_at id type',
  'schedule.': 'name id',
  'event.': 'name action',
  'event.context.github.': 'pr_url',
  'event.github.':
    'after head_commit.url ref label.name comment.body sender.type sender.avatar_url sender.login repository.name repository.owner.login repository.url',
  'event.github.pull_request.': 'base.ref base.sha head.ref head.sha draft title number merged url',
  'deploy.': 'component_name environment_name target_version current_version namespace reason',
};
const KNOWN_NAMES = new Set(
  Object.entries(KNOWN).flatMap(([prefix, names]) => names.split(' ').map((name) => prefix + name)),
);

const NUMBERS = new Set(['number', 'event.github.pull_request.number']);
const BOOLEANS = new Set([
  'in_setup',
  'git.branch.is_default',
  'event.github.pull_request.draft',
  'event.github.pull_request.merged',
]);

/** A value of the right type for every name (C-113), for what is compiled without a pipeline. */
export const sampleValues: PipelineValues = Object.fromEntries(
  [...KNOWN_NAMES].map((name) => [name, NUMBERS.has(name) ? 1 : BOOLEANS.has(name) ? false : '']),
);

/** Present in pipelines of pull requests only (C-116). */
const PULL_REQUEST = 'event.github.pull_request.';

/**
 * Declares and binds the pipeline's parameters; throws a ConfigFault in the words of C-035 to C-039. A default may use
 * pipeline values, but no other parameter (C-036).
 */
export function bindPipelineParameters(
  declared: ConfigNode | undefined,
  given: Readonly<Record<string, ParameterValue>>,
  values: PipelineValues,
  budget: Budget,
): Map<string, ConfigNode> {
  const variables = pipelineVariables(values, new Map());
  const declarations = readDeclarations(withDefaults(declared, variables, budget), 'pipeline');
  const args = new Map(Object.entries(given).map(([name, value]) => [name, fromPlain(value)] as const));
  const bound = bindArguments(declarations, args, {});
  return new Map([...bound].map(([name, { value }]) => [name, value]));
}

function withDefaults(
  declared: ConfigNode | undefined,
  variables: Variables,
  budget: Budget,
): ConfigNode | undefined {
  if (declared?.kind !== 'mapping') return declared;
  const result = mapping([], declared);
  result.keys = declared.keys;
  for (const [name, entry] of declared.entries) {
    const value = entry.kind === 'mapping' ? entry.entries.get('default') : undefined;
    const evaluated = value && entry.kind === 'mapping' && evaluateNode(value, variables, budget);
    const changed = evaluated && { ...entry, entries: new Map(entry.entries).set('default', evaluated) };
    result.entries.set(name, changed || entry);
  }
  return result;
}

/** Looks up `pipeline.x` and `pipeline.parameters.x`; undefined for anything else and for unknown names. */
export function pipelineVariables(
  values: PipelineValues,
  parameters: ReadonlyMap<string, ConfigNode>,
): PipelineVariables {
  const variables: PipelineVariables = (name) => {
    if (!name.startsWith('pipeline.')) return undefined;
    if (name.startsWith('pipeline.parameters.'))
      return parameters.get(name.slice('pipeline.parameters.'.length));
    const key = name.slice('pipeline.'.length);
    if (Object.hasOwn(values, key)) return scalar(values[key] ?? null);
    if (key.startsWith(PULL_REQUEST) && KNOWN_NAMES.has(key)) return missingValue(name);
    return KNOWN_NAMES.has(key) || key.startsWith('trigger_parameters.') ? scalar(null) : undefined;
  };
  const names = (): string[] => [
    ...[...KNOWN_NAMES].map((key) => `pipeline.${key}`),
    ...[...parameters.keys()].map((key) => `pipeline.parameters.${key}`),
  ];
  return Object.assign(variables, { odd: oddNames('pipeline.parameters.', parameters), names });
}
