// Facts about the variables of a project, which all of its jobs get.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

/** `sealed`: the value as the cipher gave it (platform/secrets); nowhere else is it kept. */
export type ProjectVariableStored = EventOf<
  'ProjectVariableStored',
  { projectId: string; name: string; sealed: string }
>;
export type ProjectVariableRemoved = EventOf<'ProjectVariableRemoved', { projectId: string; name: string }>;
export type ProjectVariableEvent = ProjectVariableStored | ProjectVariableRemoved;

export const projectVariableEvents = eventTypes<ProjectVariableEvent>({
  ProjectVariableStored: 'decided',
  ProjectVariableRemoved: 'decided',
});
