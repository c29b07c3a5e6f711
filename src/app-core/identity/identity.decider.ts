// The rules of a user's account. Stream `user-<id>`.
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { nothing, record, type Decider } from '../../platform/event-store/decider.js';
import {
  identityEvents,
  type ApiTokenIssued,
  type IdentityEvent,
  type UserCreated,
} from './identity.events.js';

export type IdentityCommand =
  | ({ type: 'CreateUser' } & UserCreated['data'])
  | ({ type: 'IssueApiToken' } & ApiTokenIssued['data'])
  | { type: 'RevokeApiToken'; userId: string; tokenId: string };

export interface IdentityState {
  created: boolean;
  tokens: ReadonlySet<string>;
}

export const identityDecider: Decider<IdentityCommand, IdentityState, IdentityEvent> = {
  events: identityEvents,
  initialState: () => ({ created: false, tokens: new Set() }),

  decide(command, state) {
    const { type, ...data } = command;
    if (type === 'CreateUser') {
      if (state.created) return nothing('the user exists');
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(command.login)) {
        throw new InvalidInputError('USER.LOGIN', `"${command.login}" is not a login name`);
      }
      return record(event<IdentityEvent>('UserCreated', data as UserCreated['data']));
    }
    if (!state.created) throw new NotFoundError('USER.NOT_FOUND', 'User does not exist.');
    if (type === 'IssueApiToken') {
      if (state.tokens.has(command.tokenId)) throw new ConflictError('TOKEN.EXISTS', 'the token exists');
      checkResourceClasses(command);
      return record(event<IdentityEvent>('ApiTokenIssued', data as ApiTokenIssued['data']));
    }
    if (!state.tokens.has(command.tokenId)) return nothing('there is no such token');
    return record(
      event<IdentityEvent>('ApiTokenRevoked', { userId: command.userId, tokenId: command.tokenId }),
    );
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'UserCreated':
        return { ...state, created: true };
      case 'ApiTokenIssued':
        return { ...state, tokens: new Set(state.tokens).add(data.tokenId) };
      case 'ApiTokenRevoked':
        return { ...state, tokens: new Set([...state.tokens].filter((id) => id !== data.tokenId)) };
    }
  },
};

function checkResourceClasses({ kind, resourceClasses }: ApiTokenIssued['data']): void {
  if (resourceClasses === undefined) return;
  const code = 'TOKEN.RESOURCE_CLASS';
  if (kind !== 'agent') throw new InvalidInputError(code, 'only the token of an agent has resource classes');
  if (resourceClasses.length === 0) throw new InvalidInputError(code, 'the token names no resource class');
  for (const name of resourceClasses) {
    if (!/^[^\s*]{1,200}$/.test(name))
      throw new InvalidInputError(code, `"${name}" is not the name of a resource class`);
  }
}
