// Compiles the config of a commit before anything is started, so that mistakes are told with their place.
import {
  compile,
  problemText,
  type CompiledDocument,
  type OrbResolver,
  type ParameterValue,
} from '../../pipelines/config/index.js';
import { boundsOfEnvironment } from '../size-bounds.js';
import { CONFIG_PATH, type UserRepository } from './snapshot.js';
import { UsageProblem } from './usage-problem.js';

export async function compileLocally(
  source: string,
  parameters: Record<string, ParameterValue>,
  at: { repository: UserRepository; branch: string; tag?: string; orbs: OrbResolver },
): Promise<CompiledDocument> {
  const { repository, branch, tag, orbs } = at;
  const result = await compile({
    ...boundsOfEnvironment(),
    source,
    parameters,
    fileName: CONFIG_PATH,
    orbs,
    values: {
      id: '00000000-0000-0000-0000-000000000001',
      number: 1,
      'project.git_url': repository.root,
      'project.type': 'git',
      'project.slug': `git/local/${repository.name}`,
      'git.tag': tag ?? '',
      'git.branch': tag === undefined ? branch : '',
      'git.branch.is_default': tag === undefined,
      'git.revision': repository.head,
      'git.base_revision': null,
      'git.repo_url': repository.root,
      'git.repo_owner': 'local',
      'git.repo_name': repository.name,
      'trigger.type': 'api',
      trigger_source: 'api',
      'event.name': 'api',
    },
  });
  if (result.ok) return result.document;
  throw new UsageProblem(result.errors.map((problem) => problemText(problem, CONFIG_PATH)).join('\n'));
}
