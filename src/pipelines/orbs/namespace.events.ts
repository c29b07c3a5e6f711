// Facts about a namespace of the orb registry: a name that one organisation owns.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export interface NamespaceFacts {
  name: string;
  /** The owner; none for a namespace that came with imported orbs. */
  organizationId?: string;
}

export type NamespaceCreated = EventOf<'NamespaceCreated', NamespaceFacts>;
export type NamespaceEvent = NamespaceCreated;

export const namespaceEvents = eventTypes<NamespaceEvent>({
  NamespaceCreated: 'decided',
});
