// Rows of pipelines as REST v2 shows them.
import { pipelineValues, type PipelineConfigEntity, type PipelineEntity } from '../../../pipelines/index.js';
import type {
  PipelineConfigView,
  PipelineValuesView,
  PipelineView,
  TriggeredView,
} from './pipelines.schemas.js';
import { withoutPassword } from './projects.views.js';
import { providerName } from './slugs.js';

export function pipelineView(row: PipelineEntity): PipelineView {
  const { trigger } = row;
  return {
    id: row.id,
    errors: row.errors,
    project_slug: row.projectSlug,
    updated_at: row.updatedAt.toISOString(),
    number: row.number,
    trigger_parameters: row.parameters,
    state: row.state,
    created_at: row.createdAt.toISOString(),
    trigger: {
      type: trigger.type,
      received_at: trigger.receivedAt,
      actor: { login: trigger.actor.login, avatar_url: null },
    },
    vcs: vcsView(row),
  };
}

/** What was built when it is known, else what was asked for. */
function vcsView({ projectSlug, vcs, commit }: PipelineEntity): PipelineView['vcs'] {
  const url = withoutPassword(vcs.url);
  const branch = commit ? commit.branch : vcs.branch;
  const tag = commit ? commit.tag : vcs.tag;
  return {
    provider_name: providerName(projectSlug),
    target_repository_url: url,
    origin_repository_url: url,
    revision: commit?.revision ?? vcs.revision ?? '',
    ...(branch === undefined ? {} : { branch }),
    ...(tag === undefined ? {} : { tag }),
    ...(commit ? { commit: { subject: commit.subject, body: commit.body } } : {}),
  };
}

export function triggeredView(row: PipelineEntity): TriggeredView {
  return { id: row.id, state: row.state, number: row.number, created_at: row.createdAt.toISOString() };
}

/**
 * Both texts are empty until the config was fetched, and `compiled` when it has errors. The setup config stands beside
 * the one that followed it.
 */
export function pipelineConfigView(row: PipelineConfigEntity | null): PipelineConfigView {
  const { source = '', compiled = '', setupSource, setupCompiled } = row ?? {};
  const hasSetup = setupSource !== undefined && setupSource !== null;
  const setup = { 'setup-config': setupSource ?? '', 'compiled-setup-config': setupCompiled ?? '' };
  return { source, compiled, ...(hasSetup && setup) };
}

/** The `pipeline.*` values by name without `pipeline.`; those that are null have no place in the documented map. */
export function pipelineValuesView(row: PipelineEntity, defaultBranch: string): PipelineValuesView {
  const { vcs, trigger, parameters, projectId, projectSlug, number } = row;
  const request = {
    pipelineId: row.id,
    projectId,
    projectSlug,
    number,
    trigger,
    vcs: { ...vcs, url: withoutPassword(vcs.url) },
    parameters,
  };
  const asked = {
    revision: vcs.revision ?? '',
    branch: vcs.branch,
    tag: vcs.tag,
    subject: '',
    body: '',
    authorName: '',
  };
  const values = Object.entries(pipelineValues(request, row.commit ?? asked, { defaultBranch }));
  return Object.fromEntries(
    values.filter((entry): entry is [string, string | number | boolean] => entry[1] !== null),
  );
}
