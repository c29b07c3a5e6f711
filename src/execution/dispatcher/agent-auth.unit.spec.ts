// What a claim is narrowed to by the resource classes of its token.
import { describe, expect, it } from '@jest/globals';
import { allowedClasses } from './agent-auth.port.js';

describe('allowedClasses', () => {
  it.each([
    [['*'], ['*'], ['*']],
    [['a', 'b'], ['*'], ['a', 'b']],
    [['*'], ['a', 'b'], ['a', 'b']],
    [['a', 'c'], ['a', 'b'], ['a']],
  ])('gives of %j with a token for %j %j', (asked, resourceClasses, allowed) => {
    expect(allowedClasses(asked, { resourceClasses })).toEqual(allowed);
  });

  it('refuses a claim for other classes than those of the token', () => {
    expect(() => allowedClasses(['b', 'c'], { resourceClasses: ['a'] })).toThrow(
      'this agent token is for tasks of a, not of b, c',
    );
  });
});
