// The rules of a project. Its id is a function of its slug, so two projects cannot have one slug.
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { nothing, record, type Decider } from '../../platform/event-store/decider.js';
import { projectEvents, type ProjectEvent, type ProjectFacts } from './project.events.js';

export type ProjectCommand =
  | ({ type: 'CreateProject' } & ProjectFacts)
  | { type: 'ChangeProjectRepository'; projectId: string; vcsUrl: string; defaultBranch: string };

export interface ProjectState {
  created: boolean;
  vcsUrl: string;
  defaultBranch: string;
}

const SEGMENT = /^[A-Za-z0-9._-]{1,100}$/;

/** Throws unless each of the three segments of a slug is a plain name. */
export function checkSlug(slug: string): void {
  const segments = slug.split('/');
  if (segments.length !== 3 || segments.some((s) => !SEGMENT.test(s) || s === '.' || s === '..')) {
    throw new InvalidInputError('PROJECT.SLUG', `"${slug}" is not a project slug such as gh/acme/demo`);
  }
}

export const projectDecider: Decider<ProjectCommand, ProjectState, ProjectEvent> = {
  events: projectEvents,
  initialState: () => ({ created: false, vcsUrl: '', defaultBranch: '' }),

  decide(command, state) {
    switch (command.type) {
      case 'CreateProject': {
        const { type: _, ...facts } = command;
        checkSlug(facts.slug);
        if (facts.vcsUrl === '')
          throw new InvalidInputError('PROJECT.REPOSITORY', 'a project needs the URL of its repository');
        if (state.created) {
          if (state.vcsUrl === facts.vcsUrl) return nothing('the project exists with this repository');
          throw new ConflictError('PROJECT.EXISTS', `project ${facts.slug} exists with another repository`);
        }
        return record(event<ProjectEvent>('ProjectCreated', facts));
      }
      case 'ChangeProjectRepository': {
        if (!state.created) throw new NotFoundError('PROJECT.NOT_FOUND', 'Project not found');
        const { projectId, vcsUrl, defaultBranch } = command;
        if (vcsUrl === state.vcsUrl && defaultBranch === state.defaultBranch) return nothing('already so');
        return record(event<ProjectEvent>('ProjectRepositoryChanged', { projectId, vcsUrl, defaultBranch }));
      }
    }
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'ProjectCreated':
        return { created: true, vcsUrl: data.vcsUrl, defaultBranch: data.defaultBranch };
      case 'ProjectRepositoryChanged':
        return { ...state, vcsUrl: data.vcsUrl, defaultBranch: data.defaultBranch };
    }
  },
};
