// `pipeline.*`: values that every pipeline has, and the pipeline's parameters (LANGUAGE C-035 to C-117).
import type { ParameterValue, PipelineValues } from './config.types.js';
import { bindArguments } from './parameters/bind.js';
import { readDeclarations } from './parameters/declaration.js';
import { oddNames, type Variables } from './template/variables.js';
import { fromPlain, scalar, type ConfigNode } from './yaml/node.js';

export type PipelineVariables = Variables;

/** Known names, by groups with a common beginning. One that this pipeline does not have is null, not an error (C-114). */
const KNOWN: Readonly<Record<string, string>> = {
  '': 'id number name integration_source trigger_source',
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

/** Declares and binds the pipeline's parameters; throws a ConfigFault in the words of C-035 to C-039. */
export function bindPipelineParameters(
  declared: ConfigNode | undefined,
  given: Readonly<Record<string, ParameterValue>>,
): Map<string, ConfigNode> {
  const declarations = readDeclarations(declared, 'pipeline');
  const args = new Map(Object.entries(given).map(([name, value]) => [name, fromPlain(value)] as const));
  const bound = bindArguments(declarations, args, {});
  return new Map([...bound].map(([name, { value }]) => [name, value]));
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
    return KNOWN_NAMES.has(key) || key.startsWith('trigger_parameters.') ? scalar(null) : undefined;
  };
  return Object.assign(variables, { odd: oddNames('pipeline.parameters.', parameters) });
}
