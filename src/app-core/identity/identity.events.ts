// Facts about who may call: users, their tokens, and the tokens of agents. Only hashes of tokens are kept.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export type UserCreated = EventOf<'UserCreated', { userId: string; login: string; name: string }>;
export type ApiTokenIssued = EventOf<
  'ApiTokenIssued',
  {
    tokenId: string;
    userId: string;
    label: string;
    kind: 'user' | 'agent';
    /** SHA-256, hex. */ hash: string;
    /** Of an agent's token: the only classes whose tasks it may claim. Absent: all. */
    resourceClasses?: string[];
  }
>;
export type ApiTokenRevoked = EventOf<'ApiTokenRevoked', { tokenId: string; userId: string }>;
export type IdentityEvent = UserCreated | ApiTokenIssued | ApiTokenRevoked;

export const identityEvents = eventTypes<IdentityEvent>({
  UserCreated: 'decided',
  ApiTokenIssued: 'decided',
  ApiTokenRevoked: 'decided',
});
