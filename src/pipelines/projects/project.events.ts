// Facts about a project: a repository that pipelines run for.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export interface ProjectFacts {
  projectId: string;
  /** `<vcs>/<organization>/<name>`, e.g. `gh/acme/demo`. */
  slug: string;
  name: string;
  organizationId: string;
  organizationSlug: string;
  organizationName: string;
  /** Where its code is: any Git URL or a path on the server. */
  vcsUrl: string;
  defaultBranch: string;
}

export type ProjectCreated = EventOf<'ProjectCreated', ProjectFacts>;
export type ProjectRepositoryChanged = EventOf<
  'ProjectRepositoryChanged',
  { projectId: string; vcsUrl: string; defaultBranch: string }
>;
export type ProjectEvent = ProjectCreated | ProjectRepositoryChanged;

export const projectEvents = eventTypes<ProjectEvent>({
  ProjectCreated: 'decided',
  ProjectRepositoryChanged: 'decided',
});
