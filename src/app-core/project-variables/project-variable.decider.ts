// The rules of the variables of a project; they have a stream of their own beside that of the project.
import { ConflictError, NotFoundError } from '../../platform/errors/errors.js';
import { record, type Decider } from '../../platform/event-store/decider.js';
import { event } from '../../platform/event-store/event-of.js';
import { checkVariableName } from '../contexts/variable-name.js';
import { projectVariableEvents, type ProjectVariableEvent } from './project-variable.events.js';

export type ProjectVariableCommand =
  | { type: 'StoreProjectVariable'; projectId: string; name: string; sealed: string }
  | { type: 'RemoveProjectVariable'; projectId: string; name: string };

export interface ProjectVariableState {
  names: ReadonlySet<string>;
}

/** The original names no limit; lists of them have to have one. */
const MOST_VARIABLES = 1000;

export const projectVariableDecider: Decider<
  ProjectVariableCommand,
  ProjectVariableState,
  ProjectVariableEvent
> = {
  events: projectVariableEvents,
  initialState: () => ({ names: new Set() }),

  decide(command, { names }) {
    const { projectId, name } = command;
    switch (command.type) {
      case 'StoreProjectVariable':
        checkVariableName(name);
        if (!names.has(name) && names.size >= MOST_VARIABLES)
          throw new ConflictError(
            'PROJECT.VARIABLES_FULL',
            `A project has at most ${MOST_VARIABLES} variables, and this one has them.`,
          );
        return record(
          event<ProjectVariableEvent>('ProjectVariableStored', { projectId, name, sealed: command.sealed }),
        );
      case 'RemoveProjectVariable':
        if (!names.has(name))
          throw new NotFoundError('PROJECT.VARIABLE_NOT_FOUND', 'Environment variable not found.');
        return record(event<ProjectVariableEvent>('ProjectVariableRemoved', { projectId, name }));
    }
  },

  evolve({ names }, { type, data }) {
    switch (type) {
      case 'ProjectVariableStored':
        return { names: new Set(names).add(data.name) };
      case 'ProjectVariableRemoved':
        return { names: new Set([...names].filter((name) => name !== data.name)) };
    }
  },
};
