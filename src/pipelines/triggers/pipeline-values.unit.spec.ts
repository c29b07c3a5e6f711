// The values of a pipeline, with the types and the emptiness that the documents give them.
import { describe, expect, test } from '@jest/globals';
import type { CommitFacts, PipelineRequest } from './pipeline.events.js';
import { pipelineValues } from './pipeline-values.js';

const request: PipelineRequest = {
  pipelineId: 'pl1',
  projectId: 'p1',
  projectSlug: 'gh/acme/demo',
  number: 7,
  trigger: { type: 'webhook', actor: { id: 'u1', login: 'ada' }, receivedAt: '2026-01-01T00:00:00.000Z' },
  vcs: { url: 'https://token:x@git.example/acme/demo.git' },
  parameters: {},
};
const commit: CommitFacts = { revision: 'abc', branch: 'main', subject: 's', body: 'b', authorName: 'Ada' };
const values = (
  change: Partial<PipelineRequest> = {},
  at: Partial<CommitFacts> = {},
  more: { baseRevision?: string; inSetup?: boolean } = {},
) => pipelineValues({ ...request, ...change }, { ...commit, ...at }, { defaultBranch: 'main', ...more });

describe('pipelineValues', () => {
  test('a push to the default branch', () => {
    expect(values({}, {}, { baseRevision: 'before' })).toMatchObject({
      id: 'pl1',
      number: 7,
      in_setup: false,
      'project.git_url': 'https://git.example/acme/demo.git',
      'project.slug': 'gh/acme/demo',
      'project.type': 'github',
      integration_source: 'github',
      'git.branch': 'main',
      'git.branch.is_default': true,
      'git.tag': '',
      'git.revision': 'abc',
      'git.base_revision': 'before',
      'git.repo_owner': 'acme',
      'git.repo_name': 'demo',
      'git.commit.url': 'https://git.example/acme/demo/commit/abc',
      'git.commit.subject': 's',
      'git.commit.body': 'b',
      'trigger.received_at': '2026-01-01T00:00:00.000Z',
      'trigger.type': 'github_oauth',
      trigger_source: 'webhook',
      'event.name': 'push',
      'event.action': 'push',
    });
  });

  test('a tag has no branch', () => {
    expect(values({}, { branch: undefined, tag: 'v1' })).toMatchObject({
      'git.branch': '',
      'git.branch.is_default': false,
      'git.tag': 'v1',
      'git.base_revision': null,
      'config.ref': 'refs/tags/v1',
    });
  });

  test.each([
    ['api', 'api', 'api'],
    ['explicit', 'api', 'api'],
    ['scheduled_pipeline', 'schedule', 'schedule'],
    ['webhook', 'push', 'github_oauth'],
  ] as const)('a trigger of type %s is the event %s', (type, event, trigger) => {
    expect(values({ trigger: { ...request.trigger, type } })).toMatchObject({
      trigger_source: type,
      'event.name': event,
      'trigger.type': trigger,
    });
  });

  test.each([
    ['git/local/demo', '/srv/demo', 'git', '', 'webhook'],
    [
      'bb/acme/demo',
      'https://bitbucket.org/acme/demo',
      'bitbucket',
      'https://bitbucket.org/acme/demo/commits/abc',
      'bitbucket_cloud',
    ],
  ])('%s', (projectSlug, url, type, page, trigger) => {
    expect(values({ projectSlug, vcs: { url } })).toMatchObject({
      'project.type': type,
      'project.git_url': url,
      'git.commit.url': page,
      'trigger.type': trigger,
    });
  });

  test('another branch is not the default one; a setup config knows that it is one', () => {
    expect(values({}, { branch: 'topic' }, { inSetup: true })).toMatchObject({
      'git.branch.is_default': false,
      in_setup: true,
    });
  });
});
