// Facts about a context: a named set of variables that jobs of an organization may ask for.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export interface ContextFacts {
  contextId: string;
  organizationId: string;
  name: string;
}

export type ContextCreated = EventOf<'ContextCreated', ContextFacts>;
export type ContextDeleted = EventOf<'ContextDeleted', ContextFacts>;
/** `sealed`: the value as the cipher gave it (platform/secrets); nowhere else is it kept. */
export type ContextVariableStored = EventOf<
  'ContextVariableStored',
  { contextId: string; name: string; sealed: string }
>;
export type ContextVariableRemoved = EventOf<'ContextVariableRemoved', { contextId: string; name: string }>;
export type ContextEvent = ContextCreated | ContextDeleted | ContextVariableStored | ContextVariableRemoved;

export const contextEvents = eventTypes<ContextEvent>({
  ContextCreated: 'decided',
  ContextDeleted: 'decided',
  ContextVariableStored: 'decided',
  ContextVariableRemoved: 'decided',
});
