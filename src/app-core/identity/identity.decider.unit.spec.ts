// What a user's account allows: made once, tokens issued and revoked.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { identityDecider, type IdentityCommand } from './identity.decider.js';
import type { ApiTokenIssued, IdentityEvent, UserCreated } from './identity.events.js';

const user: UserCreated['data'] = { userId: 'u1', login: 'ada', name: 'Ada' };
const token: ApiTokenIssued['data'] = { tokenId: 't1', userId: 'u1', label: 'cli', kind: 'user', hash: 'ab' };
const created = event<IdentityEvent>('UserCreated', user);
const issued = event<IdentityEvent>('ApiTokenIssued', token);
const revoked = event<IdentityEvent>('ApiTokenRevoked', { userId: 'u1', tokenId: 't1' });
const create = (login = 'ada'): IdentityCommand => ({ type: 'CreateUser', ...user, login });
const issue: IdentityCommand = { type: 'IssueApiToken', ...token };
const revoke: IdentityCommand = { type: 'RevokeApiToken', userId: 'u1', tokenId: 't1' };
const after = (given: IdentityEvent[], command: IdentityCommand) =>
  decideAfter(identityDecider, given, command);
const noUser = { error: 'NotFoundError USER.NOT_FOUND: User does not exist.' };

describe('CreateUser', () => {
  it('records the user', () => {
    expect(after([], create())).toEqual({ events: [['UserCreated', user]] });
  });
  it.each(['', '-ada', 'a b', 'a/b', 'a'.repeat(101)])('refuses the login "%s"', (login) => {
    expect(after([], create(login))).toEqual({
      error: `InvalidInputError USER.LOGIN: "${login}" is not a login name`,
    });
  });
  it('does nothing when the user is there', () => {
    expect(after([created], create())).toEqual({ nothing: 'the user exists' });
  });
});

describe('IssueApiToken', () => {
  it('records the token by its hash', () => {
    expect(after([created], issue)).toEqual({ events: [['ApiTokenIssued', token]] });
  });
  it('refuses a token that exists, and a user who does not', () => {
    expect(after([created, issued], issue)).toEqual({
      error: 'ConflictError TOKEN.EXISTS: the token exists',
    });
    expect(after([], issue)).toEqual(noUser);
  });
  it('keeps the resource classes of an agent token, and refuses those of a user token and wrong names', () => {
    const scoped = (kind: 'user' | 'agent', resourceClasses: string[]): IdentityCommand => ({
      ...issue,
      ...{ kind, resourceClasses },
    });
    expect(after([created], scoped('agent', ['acme/linux', 'a']))).toEqual({
      events: [['ApiTokenIssued', { ...token, kind: 'agent', resourceClasses: ['acme/linux', 'a'] }]],
    });
    expect(after([created], scoped('user', ['a']))).toEqual({
      error: 'InvalidInputError TOKEN.RESOURCE_CLASS: only the token of an agent has resource classes',
    });
    for (const [names, text] of [
      [[], 'the token names no resource class'],
      [['*'], '"*" is not the name of a resource class'],
      [['a b'], '"a b" is not the name of a resource class'],
    ] as const)
      expect(after([created], scoped('agent', [...names]))).toEqual({
        error: `InvalidInputError TOKEN.RESOURCE_CLASS: ${text}`,
      });
  });
});

describe('RevokeApiToken', () => {
  it('records the end of the token', () => {
    expect(after([created, issued], revoke)).toEqual({
      events: [['ApiTokenRevoked', { userId: 'u1', tokenId: 't1' }]],
    });
  });
  it('refuses a user who does not exist', () => {
    expect(after([], revoke)).toEqual(noUser);
  });
  it('does nothing when there is no such token, or not any more', () => {
    expect(after([created], revoke)).toEqual({ nothing: 'there is no such token' });
    expect(after([created, issued, revoked], revoke)).toEqual({ nothing: 'there is no such token' });
  });
});
