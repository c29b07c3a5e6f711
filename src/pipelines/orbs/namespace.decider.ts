// The rules of a namespace: its stream is named after it, so there is one of a name, and it never changes hands.
import { ConflictError, InvalidInputError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { nothing, record, type Decider } from '../../platform/event-store/decider.js';
import { isOrbNamePart } from '../config/orbs/reference.js';
import { namespaceEvents, type NamespaceEvent, type NamespaceFacts } from './namespace.events.js';

export type NamespaceCommand = { type: 'CreateNamespace' } & NamespaceFacts;

export interface NamespaceState {
  created: boolean;
  organizationId?: string;
}

export const namespaceDecider: Decider<NamespaceCommand, NamespaceState, NamespaceEvent> = {
  events: namespaceEvents,
  initialState: () => ({ created: false }),

  decide({ type: _, ...facts }, state) {
    if (!isOrbNamePart(facts.name)) {
      throw new InvalidInputError(
        'NAMESPACE.NAME',
        `"${facts.name}" is not a namespace: it may have lower-case letters, digits, _ and -, and begins with a letter or digit`,
      );
    }
    if (!state.created) return record(event<NamespaceEvent>('NamespaceCreated', facts));
    if (state.organizationId === facts.organizationId) return nothing('the namespace exists');
    throw new ConflictError('NAMESPACE.EXISTS', `namespace ${facts.name} belongs to another organization`);
  },

  evolve: (_state, { data }) => ({ created: true, organizationId: data.organizationId }),
};
