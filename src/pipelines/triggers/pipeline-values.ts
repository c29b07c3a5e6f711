// The `pipeline.*` values of one pipeline (LANGUAGE C-045 to C-115): those that a plain Git repository has.
import type { PipelineValues } from '../config/index.js';
import type { CommitFacts, PipelineRequest } from './pipeline.events.js';

/** What the request and its commit do not say. */
export interface ValueSources {
  defaultBranch: string;
  /** For the values of a setup config. */
  inSetup?: boolean;
  /** Of the pipeline before this one on the branch. */
  baseRevision?: string;
}

/** Values by whole dotted name without `pipeline.`; absent ones are null or empty as the documents say. */
export function pipelineValues(
  request: PipelineRequest,
  commit: CommitFacts,
  { defaultBranch, inSetup = false, baseRevision }: ValueSources,
): PipelineValues {
  const { pipelineId, projectId, projectSlug, number, trigger } = request;
  const [vcs = '', owner = '', name = ''] = projectSlug.split('/');
  const url = withoutPassword(request.vcs.url);
  const event = EVENTS[trigger.type];
  return {
    id: pipelineId,
    number,
    name: '',
    in_setup: inSetup,
    'definition.id': projectId,
    'project.git_url': url,
    'project.type': projectType(vcs),
    'project.slug': projectSlug,
    integration_source: projectType(vcs),
    'git.tag': commit.tag ?? '',
    'git.branch': commit.branch ?? '',
    'git.branch.is_default': commit.branch !== undefined && commit.branch === defaultBranch,
    'git.revision': commit.revision,
    'git.base_revision': baseRevision ?? null,
    'git.repo_url': url,
    'git.repo_owner': owner,
    'git.repo_name': name,
    'git.repo_id': projectId,
    'git.commit.url': commitUrl(vcs, url, commit.revision),
    'git.commit.subject': commit.subject,
    'git.commit.body': commit.body,
    'git.commit.author_login': commit.authorName,
    'config.repository.name': name,
    'config.repository.url': url,
    'config.file_path': '.circleci/config.yml',
    'config.ref': commit.tag ? `refs/tags/${commit.tag}` : commit.branch ? `refs/heads/${commit.branch}` : '',
    'config.sha': commit.revision,
    'trigger.received_at': trigger.receivedAt,
    'trigger.id': '',
    'trigger.type': event === 'push' ? (TRIGGERS[vcs] ?? 'webhook') : event,
    trigger_source: trigger.type,
    'schedule.name': '',
    'schedule.id': '',
    'event.name': event,
    'event.action': event,
  };
}

const EVENTS: Readonly<Record<PipelineRequest['trigger']['type'], string>> = {
  webhook: 'push',
  scheduled_pipeline: 'schedule',
  api: 'api',
  explicit: 'api',
};

/** What a push is called, by the first part of the slug (LANGUAGE C-115). */
const TRIGGERS: Readonly<Record<string, string>> = {
  gh: 'github_oauth',
  github: 'github_oauth',
  bb: 'bitbucket_cloud',
  bitbucket: 'bitbucket_cloud',
};

/** The page of a commit, where the host is known to have such pages. */
function commitUrl(vcs: string, url: string, revision: string): string {
  const page = ({ github: 'commit', bitbucket: 'commits' } as Record<string, string>)[projectType(vcs)];
  if (page === undefined || !/^https?:/.test(url)) return '';
  return `${url.replace(/\/$/, '').replace(/\.git$/, '')}/${page}/${revision}`;
}

/** What a config can print must not hold a password that the server fetches with. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

/** The long name of a slug's first part. */
export function projectType(vcs: string): string {
  const names: Record<string, string> = { gh: 'github', bb: 'bitbucket' };
  return names[vcs] ?? vcs;
}
