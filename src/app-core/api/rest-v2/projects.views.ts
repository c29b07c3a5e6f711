// Rows of projects as REST v2 shows them.
import type { ProjectEntity, ProjectFacts } from '../../../pipelines/index.js';
import type { ProjectView } from './projects.schemas.js';
import { providerName } from './slugs.js';

type ProjectRow = Omit<ProjectEntity, 'createdAt'>;

/** A project as its own event tells it, for the answer to the request that made it. */
export function newProjectView({ projectId, ...facts }: ProjectFacts): ProjectView {
  return projectView({ ...facts, id: projectId });
}

export function projectView(project: ProjectRow): ProjectView {
  return {
    slug: project.slug,
    name: project.name,
    id: project.id,
    organization_name: project.organizationName,
    organization_slug: project.organizationSlug,
    organization_id: project.organizationId,
    vcs_info: {
      vcs_url: withoutPassword(project.vcsUrl),
      provider: providerName(project.slug),
      default_branch: project.defaultBranch,
    },
  };
}

/** A URL without the user and password in it; a path or `git@host:path` is returned as it is. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}
