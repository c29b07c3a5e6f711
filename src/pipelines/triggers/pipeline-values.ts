// The `pipeline.*` values of one pipeline (LANGUAGE C-045 to C-115): those that a plain Git repository has.
import type { PipelineValues } from '../config/index.js';
import type { CommitFacts, PipelineRequest } from './pipeline.events.js';

/** Values by whole dotted name without `pipeline.`; absent ones are null or empty as the documents say. */
export function pipelineValues(
  request: PipelineRequest,
  commit: CommitFacts,
  defaultBranch: string,
): PipelineValues {
  const [vcs = '', owner = '', name = ''] = request.projectSlug.split('/');
  const url = request.vcs.url;
  const event =
    request.trigger.type === 'webhook'
      ? 'push'
      : request.trigger.type === 'scheduled_pipeline'
        ? 'schedule'
        : 'api';
  return {
    id: request.pipelineId,
    number: request.number,
    name: '',
    'definition.id': request.projectId,
    'project.git_url': url,
    'project.type': projectType(vcs),
    'project.slug': request.projectSlug,
    integration_source: projectType(vcs),
    'git.tag': commit.tag ?? '',
    'git.branch': commit.branch ?? '',
    'git.branch.is_default': commit.branch !== undefined && commit.branch === defaultBranch,
    'git.revision': commit.revision,
    'git.base_revision': null,
    'git.repo_url': url,
    'git.repo_owner': owner,
    'git.repo_name': name,
    'git.repo_id': request.projectId,
    'git.commit.url': '',
    'git.commit.subject': commit.subject,
    'git.commit.body': commit.body,
    'git.commit.author_login': commit.authorName,
    'config.repository.name': name,
    'config.repository.url': url,
    'config.file_path': '.circleci/config.yml',
    'config.ref': commit.tag ? `refs/tags/${commit.tag}` : commit.branch ? `refs/heads/${commit.branch}` : '',
    'config.sha': commit.revision,
    'trigger.received_at': request.trigger.receivedAt,
    'trigger.id': '',
    'trigger.type': event === 'push' ? 'github_oauth' : event,
    trigger_source: request.trigger.type,
    'schedule.name': '',
    'schedule.id': '',
    'event.name': event,
    'event.action': event,
  };
}

/** The long name of a slug's first part. */
export function projectType(vcs: string): string {
  const names: Record<string, string> = { gh: 'github', bb: 'bitbucket' };
  return names[vcs] ?? vcs;
}
