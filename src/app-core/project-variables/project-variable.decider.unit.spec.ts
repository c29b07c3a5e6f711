// What the variables of a project allow: stored under a good name, again, and removed.
import { expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { projectVariableDecider, type ProjectVariableCommand } from './project-variable.decider.js';
import type { ProjectVariableEvent } from './project-variable.events.js';

const stored = (name = 'A') =>
  event<ProjectVariableEvent>('ProjectVariableStored', { projectId: 'p1', name, sealed: 's' });
const removed = event<ProjectVariableEvent>('ProjectVariableRemoved', { projectId: 'p1', name: 'A' });
const store = (name = 'A'): ProjectVariableCommand => ({
  ...{ type: 'StoreProjectVariable', projectId: 'p1', name, sealed: 's2' },
});
const remove: ProjectVariableCommand = { type: 'RemoveProjectVariable', projectId: 'p1', name: 'A' };
const after = (given: ProjectVariableEvent[], command: ProjectVariableCommand) =>
  decideAfter(projectVariableDecider, given, command);

it('stores a value, new and again', () => {
  const events = [['ProjectVariableStored', { projectId: 'p1', name: 'A', sealed: 's2' }]];
  expect(after([], store())).toEqual({ events });
  expect(after([stored()], store())).toEqual({ events });
});

it('removes what is there, and says when it is not', () => {
  expect(after([stored()], remove)).toEqual({
    events: [['ProjectVariableRemoved', { projectId: 'p1', name: 'A' }]],
  });
  const gone = { error: 'NotFoundError PROJECT.VARIABLE_NOT_FOUND: Environment variable not found.' };
  expect(after([], remove)).toEqual(gone);
  expect(after([stored(), removed], remove)).toEqual(gone);
});

it('refuses a name that shells do not have, and the thousand and first', () => {
  expect(after([], store('a-b'))).toEqual({
    error:
      'InvalidInputError VARIABLE.NAME: "a-b" cannot be the name of a variable: it begins with a letter or _, and has only letters, digits and _.',
  });
  const full = Array.from({ length: 1000 }, (_, i) => stored(`V${i}`));
  expect(after(full, store())).toEqual({
    error:
      'ConflictError PROJECT.VARIABLES_FULL: A project has at most 1000 variables, and this one has them.',
  });
  expect(after(full, store('V1'))).toHaveProperty('events');
});
