// Which prefixes of URL orbs an organisation may allow.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { urlOrbPrefixDecider, type UrlOrbPrefixCommand } from './url-orb-prefix.decider.js';
import type { UrlOrbPrefixEvent } from './url-orb-prefix.events.js';

const organizationId = 'o1';
const entry = { id: 'e1', name: 'ours', prefix: 'https://git.example.com/acme/', auth: 'none' as const };
const allowed = (change: Partial<typeof entry> = {}): UrlOrbPrefixEvent =>
  event<UrlOrbPrefixEvent>('UrlOrbPrefixAllowed', { organizationId, ...entry, ...change });
const allow = (change: Partial<typeof entry> = {}): UrlOrbPrefixCommand => ({
  type: 'AllowUrlOrbPrefix',
  organizationId,
  ...entry,
  ...change,
});
const after = (given: UrlOrbPrefixEvent[], command: UrlOrbPrefixCommand) =>
  decideAfter(urlOrbPrefixDecider, given, command);
const five = [1, 2, 3, 4, 5].map((n) => allowed({ id: `e${n}`, prefix: `https://h${n}.example.com/` }));

describe('AllowUrlOrbPrefix', () => {
  it('records the entry', () => {
    expect(after([], allow())).toEqual({
      events: [['UrlOrbPrefixAllowed', { organizationId, ...entry }]],
    });
  });
  it('takes five, and another after one was removed', () => {
    expect(after(five, allow({ id: 'e6' }))).toEqual({
      error: 'ConflictError URL_ORB.TOO_MANY: an organization may have 5 allow-list entries',
    });
    const removed = event<UrlOrbPrefixEvent>('UrlOrbPrefixRemoved', { organizationId, id: 'e1' });
    expect(after([...five, removed], allow({ id: 'e6' }))).toHaveProperty('events');
  });
  it('refuses the same prefix twice, but not with another authentication', () => {
    expect(after([allowed()], allow({ id: 'e2' }))).toEqual({
      error: 'ConflictError URL_ORB.EXISTS: https://git.example.com/acme/ is in the list as ours',
    });
    const other = {
      type: 'AllowUrlOrbPrefix',
      organizationId,
      ...entry,
      id: 'e2',
      auth: 'github-app',
    } as const;
    expect(after([allowed()], other)).toHaveProperty('events');
  });
  it.each([
    ['http://git.example.com/', 'it must begin with https://'],
    ['https://git.example.com/acme', 'it must end with /'],
    ['https:///', 'it is no URL'],
    ['https://user:secret@git.example.com/', 'it may hold no user name or password'],
    ['https://git.example.com/?a=/', 'it may hold no query and no fragment'],
    ['https://git.example.com/a/../b/', 'write it as https://git.example.com/b/'],
    ['https://GIT.example.com/', 'write it as https://git.example.com/'],
  ])('refuses %s', (prefix, why) => {
    expect(after([], allow({ prefix }))).toEqual({
      error: `InvalidInputError URL_ORB.PREFIX: "${prefix}" cannot be a prefix of URL orbs: ${why}`,
    });
  });
  it('refuses an entry without a name, and an authentication that there is not', () => {
    expect(after([], allow({ name: ' ' }))).toHaveProperty('error');
    expect(after([], allow({ auth: 'basic' as 'none' }))).toHaveProperty('error');
  });
});

describe('RemoveUrlOrbPrefix', () => {
  const remove: UrlOrbPrefixCommand = { type: 'RemoveUrlOrbPrefix', organizationId, id: 'e1' };
  it('records that it is gone', () => {
    expect(after([allowed()], remove)).toEqual({
      events: [['UrlOrbPrefixRemoved', { organizationId, id: 'e1' }]],
    });
  });
  it('refuses one that is not there', () => {
    expect(after([], remove)).toEqual({
      error: 'NotFoundError URL_ORB.NOT_FOUND: Allow-list entry not found',
    });
  });
});
